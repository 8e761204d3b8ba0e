// group: failing-storage
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { alice, build, countSessions, registerAlice, Visitor } from '../build.ts'
import { waysToRefuse } from '../servers/unwritable-disk.ts'

const bob = { ...alice, username: 'bob' }
const nobody = 65_534

for (const { title, prepare } of waysToRefuse.filter(({ isPossible }) => isPossible)) {
  t.test(
    `${title}: nobody can sign in or out, signed-in users stay, and then everything recovers`,
    async (t) => {
      const disk = await prepare(t)
      const env = { DATABASE_URL: `file:${disk.folder}/latchkey.db`, REGISTRATION: 'open' }
      const app = await build(t, { env })
      const browser = await registerAlice(app)
      const stranger = new Visitor(app, 'browser')

      disk.refuse()
      for (const [what, ask] of [
        ['signing in', () => stranger.submit('/login', alice)],
        ['registering', () => stranger.submit('/register', bob)],
        ['signing in anew', () => browser.submit('/login', alice)],
        ['signing out', () => browser.submit('/logout')]
      ] as const) {
        const { statusCode, headers } = await ask()
        t.equal(statusCode, 503, what)
        t.ok(Number(headers['retry-after']) > 0, `${what} has Retry-After`)
        t.notOk(headers['set-cookie'], `${what} sets no cookie`)
      }
      t.equal((await browser.get('/dashboard')).statusCode, 200, 'a signed-in user can go on')
      t.equal((await stranger.get('/login')).statusCode, 200)
      const ready = await new Visitor(app, 'program').get('/health/ready')
      t.equal(ready.statusCode, 503, 'nobody could sign in')
      t.equal(ready.json().sessions, 'The session store takes no writes.')
      t.equal(countSessions(app), 1, 'no half-written session')
      t.equal((await app.latchkey.accounts.list()).length, 1, 'no half-written account')

      disk.relent()
      t.equal((await stranger.get('/health/ready')).statusCode, 200)
      t.equal((await stranger.submit('/login', alice)).statusCode, 303)
      t.equal((await stranger.submit('/register', bob)).statusCode, 303)
      t.equal((await browser.submit('/logout')).statusCode, 303)
      t.equal(countSessions(app), 1, 'bob’s, which replaced the stranger’s')
    }
  )

  t.test(`${title}: a page that would extend its session is still served`, async (t) => {
    let now = Date.now()
    const disk = await prepare(t)
    const env = { DATABASE_URL: `file:${disk.folder}/latchkey.db` }
    const browser = await registerAlice(await build(t, { env, now: () => now }))
    disk.refuse()
    now += 120_000
    t.equal((await browser.get('/dashboard')).statusCode, 200, 'served')
    disk.relent()
  })
}

t.test('a read-only database is reported by name at the start', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-read-only-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'latchkey.db')
  await (await openSqlite(file)).close()
  const opening = () => asNobody(t, () => openSqlite(file))

  await chmod(file, 0o444)
  await chmod(folder, 0o777)
  await t.rejects(opening(), { code: 'LATCHKEY_CONFIG', message: `"file:${file}"` })
  await chmod(file, 0o666)
  await chmod(folder, 0o555)
  await t.rejects(
    opening(),
    { code: 'LATCHKEY_CONFIG', message: `"file:${file}"` },
    'only the folder is read-only'
  )
})

/** Root may write whatever the mode is, so root runs it as nobody. */
async function asNobody<T>(t: Test, act: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return act()
  process.seteuid?.(nobody)
  t.teardown(() => process.seteuid?.(0))
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
  }
}
