import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { accountOf, alice, build, databaseFile, secret, Visitor } from '../build.ts'
import { commandIn, settings } from '../cli/command.ts'

const deploying = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8')
/** The commands of the chapter on backups. */
const [make = [], restore = []] = [...deploying.matchAll(/^npx latchkey ((?:backup|restore) .*)$/gm)].map(
  ([, words = '']) => words.split(' ')
)

function routes(app: FastifyInstance) {
  app.get<{ Params: { name: string } }>('/known/:name', async (request) => {
    return { known: (await request.deviceFor(request.params.name)) !== undefined }
  })
}

async function knows(
  app: FastifyInstance,
  cookies: Record<string, string>,
  name = 'alice'
): Promise<boolean> {
  return (await app.inject({ url: `/known/${encodeURIComponent(name)}`, cookies })).json().known
}

const inFolder = (words: readonly string[], folder: string) =>
  words.map((word) => word.replace('/var/backups', folder))

t.test('a restored backup signs nobody in who has signed out, and has every account', async (t) => {
  const folder = t.testdir({ data: {} })
  const file = join(folder, 'data/latchkey.db')
  const env = { DATABASE_URL: `file:${file}`, SESSION_SECRET: secret }
  const command = commandIn(t, settings(t, env), folder)
  const service = await build(t, { env, routes })
  await service.latchkey.accounts.add(alice)
  const visitor = new Visitor(service, 'program')
  await visitor.post('/login', alice)
  const cookies = { ...visitor.cookies }
  t.equal(await knows(service, cookies), true)
  const source = new DatabaseSync(file)
  await backup(source, join(folder, 'by-sqlite.db'))
  source.close()
  t.match(await command(inFolder(make, folder)), { code: 0 })
  t.equal((await visitor.post('/logout')).statusCode, 200)
  await service.close()

  const visit = async () => {
    const app = await build(t, { env, routes })
    const { statusCode } = await app.inject({ url: '/dashboard', cookies })
    const isKnown = await knows(app, cookies)
    const signIn = await new Visitor(app, 'program').post('/login', alice)
    await app.close()
    return [statusCode, isKnown, signIn.statusCode]
  }
  t.match(await command([...inFolder(restore, folder), '--yes']), { code: 0, out: /Everybody is signed out/ })
  t.same(await visit(), [401, false, 200])

  copyFileSync(join(folder, 'by-sqlite.db'), file)
  t.same(await visit(), [401, false, 200], 'nor does a copy that was put back by hand')
})

t.test(
  'an account that comes back by an import, under whatever name, knows no browser of before',
  async (t) => {
    const app = await build(t, { env: { SESSION_SECRET: secret }, routes })
    const command = commandIn(t, settings(t, { DATABASE_URL: `file:${databaseFile(app)}` }))
    const { accounts } = app.latchkey
    const { sqlite } = await openSqlite(databaseFile(app))
    t.teardown(() => sqlite.close())
    const pastTheService = () => sqlite.exec('DELETE FROM accounts')
    await accounts.add(alice)
    for (const remove of [pastTheService, () => accounts.remove('alice')])
      for (const name of ['alice', 'alice b']) {
        const visitor = new Visitor(app, 'program')
        t.equal((await visitor.post('/login', alice)).statusCode, 200)
        t.equal(await knows(app, visitor.cookies), true)
        const { out: line } = await command(['accounts', 'export'])
        await remove()
        t.match(await command(['accounts', 'import'], line.replace('"alice"', `"${name}"`)), { code: 0 })
        t.equal((await accountOf(app, name)).id, JSON.parse(line).id)
        for (const each of ['alice', 'alice b']) t.equal(await knows(app, visitor.cookies, each), false, name)
        if (name === 'alice') continue
        await accounts.add(alice)
        t.equal(await knows(app, visitor.cookies), false, 'nor does the next owner of the name')
        await accounts.remove(name)
      }
  }
)
