import { renameSync, rmSync } from 'node:fs'
import t from 'tap'
import { alice, build, databaseFile, registerAlice, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'

for (const how of ['moved away', 'deleted', 'replaced']) {
  t.test(`${how}: nothing is acknowledged that would be gone with the process`, async (t) => {
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
    t.equal((await browser.submit('/logout')).statusCode, 503, 'signing out is not claimed either')
    await eventually('not ready', async () => (await probe.get('/health/ready')).statusCode === 503)
    t.match((await probe.get('/health/ready')).json(), {
      accounts: 'The accounts database does not answer.',
      sessions: 'The session store does not answer.'
    })
    t.equal((await browser.get('/dashboard')).statusCode, 503, 'nobody is shown what may be no more')

    if (how !== 'moved away') return
    renameSync(`${file}.away`, file)
    t.equal((await browser.get('/dashboard')).statusCode, 200, 'and when it is back all goes on')
    t.equal((await browser.submit('/logout')).statusCode, 303)
  })
}
