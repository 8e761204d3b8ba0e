// group: many-servers
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseLines, toLine } from '../../src/accounts/account-lines.ts'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { AllAccounts } from '../../src/accounts/all-accounts.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { services } from '../../src/open-services.ts'
import { alice, build, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

const changed = 'a wholly different phrase'

/** A service with its sessions in Redis, and what `latchkey accounts export` and `import` do with its database. */
async function open(t: Test, redisUrl: string, file = join(t.testdir(), 'accounts.db')) {
  const env = { REDIS_URL: redisUrl, DATABASE_URL: `file:${file}`, SESSION_SECRET: secret }
  const app = await build(t, { env: { ...env, REGISTRATION: 'open' } })
  const database = await openSqlite(file)
  t.teardown(database.close)
  const { sql } = database
  const all = new AllAccounts(sql, new AccountsStore(database))
  const lines = async () => {
    const found: string[] = []
    for await (const account of all.each()) found.push(toLine(account))
    return found.join('\n')
  }
  const add = async (text: string) => {
    const parsed = parseLines(text)
    return parsed.ok ? all.add(parsed.accounts, { skipTaken: false }) : t.fail(parsed.faults.join())
  }
  const signIn = async (password = alice.password) => {
    const visitor = new Visitor(app, 'program')
    await visitor.post('/login', { ...alice, password })
    return visitor
  }
  return { app, lines, add, signIn }
}

const statusOf = async (visitor: Visitor) => (await visitor.get('/api/session')).statusCode

t.test('removed, and imported under its id: what was over stays so, who signs in stays in', async (t) => {
  const redis = await startRedis(t, '--appendonly', 'no')
  const { app, lines, add, signIn } = await open(t, redis.url)
  await app[services].accounts.add(alice)
  const before = await signIn()
  const exported = await lines()
  await redis.ask('SAVE')
  await app[services].accounts.remove(alice.username)
  t.match(await add(exported), { added: 1 })
  t.equal(await statusOf(before), 401)
  const after = await signIn()
  t.equal(await statusOf(after), 200)
  await redis.stop()
  await redis.start()
  await app[services].sessions.ping().catch(() => {})
  t.equal(await statusOf(before), 401, 'not in a Redis of an earlier state either')
})

t.test(
  'moved to another database beside the same Redis: a new password ends the former sessions',
  async (t) => {
    const redis = await startRedis(t)
    const first = await open(t, redis.url)
    const { accounts } = first.app[services]
    await accounts.add(alice)
    for (const role of ['admin', 'user', 'admin'] as const)
      await accounts.setRole(alice.username, role, { force: true })
    const former = await first.signIn()
    t.equal(await statusOf(former), 200)

    const second = await open(t, redis.url, join(t.testdirName, 'moved.db'))
    await second.add(await first.lines())
    const moved = new Visitor(second.app, 'program')
    moved.cookies = { ...former.cookies }
    const present = await second.signIn()
    t.same([await statusOf(moved), await statusOf(present)], [200, 200])
    await present.put('/api/password', { current: alice.password, password: changed })
    t.same([await statusOf(moved), await statusOf(present)], [401, 200])
  }
)
