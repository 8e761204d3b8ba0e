// group: failing-storage
import { renameSync, rmSync } from 'node:fs'
import t from 'tap'
import { alice, build, databaseFile, registerAlice, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'

for (const how of ['moved away', 'deleted', 'replaced']) {
  t.test(`${how}: nothing is acknowledged that would be lost with the process`, async (t) => {
    const folder = t.testdir({})
    const inFolder = (name: string) => ({ env: { DATABASE_URL: `file:${folder}/${name}` } })
    const app = await build(t, inFolder('latchkey.db'))
    const browser = await registerAlice(app)
    const probe = new Visitor(app, 'program')
    const file = databaseFile(app)
    if (how === 'replaced') await build(t, inFolder('other.db'))

    if (how === 'deleted') rmSync(file)
    else renameSync(file, `${file}.away`)
    if (how === 'replaced') renameSync(`${folder}/other.db`, file)

    const refused = await new Visitor(app, 'browser').submit('/login', alice)
    t.equal(refused.statusCode, 503)
    t.same(refused.cookies, [])
    t.equal((await browser.submit('/logout')).statusCode, 503, 'signing out is refused too')
    // Each connection checks for itself, and not at every request.
    await eventually('neither part is ready', async () => {
      const { accounts, sessions } = (await probe.get('/health/ready')).json()
      return [accounts, sessions].every((sentence) => sentence.endsWith('does not answer.'))
    })
    t.equal((await probe.get('/health/ready')).statusCode, 503)
    await eventually('nobody is shown what may be no more', async () => {
      return (await browser.get('/dashboard')).statusCode === 503
    })

    if (how !== 'moved away') return
    renameSync(`${file}.away`, file)
    await eventually('when it is back all goes on', async () => {
      return (await browser.get('/dashboard')).statusCode === 200
    })
    t.equal((await browser.submit('/logout')).statusCode, 303)
  })
}
