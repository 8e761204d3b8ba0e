import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import argon2 from 'argon2'
import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { Passwords } from '../../src/accounts/passwords.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, databaseFile, registerAlice, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'
import { bareEnvironment } from '../servers/service.ts'

const root = join(import.meta.dirname, '../..')
const changed = { username: 'alice', password: 'a wholly different phrase' }

/** An administrator's command while the service runs. */
function passwd(env: Record<string, string>): string {
  const options = {
    cwd: root,
    env: { ...bareEnvironment(), ...env },
    input: changed.password,
    encoding: 'utf8'
  } as const
  return execFileSync(process.execPath, ['src/cli.ts', 'users', 'passwd', 'alice'], {
    ...options,
    stdio: 'pipe'
  })
}

for (const where of ['the embedded database', 'Redis', 'Redis, asked by every request']) {
  t.test(`over ${where}`, async (t) => {
    const redis = where.startsWith('Redis') ? { REDIS_URL: (await startRedis(t)).url } : {}
    const env = {
      DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
      SESSION_SECRET: secret,
      REGISTRATION: 'open',
      SESSION_CACHE: where === 'Redis, asked by every request' ? '0' : '10000',
      ...redis
    }
    const app = await build(t, { env })
    const laptop = await registerAlice(app)
    const phone = new Visitor(app, 'browser')
    await phone.submit('/login', { ...alice, remember: 'on' })
    const bob = new Visitor(app, 'browser')
    await bob.submit('/register', { ...alice, username: 'bob' })

    t.equal(passwd(env), 'Changed the password of alice, who is signed out everywhere.\n')

    t.equal((await laptop.get('/dashboard')).statusCode, 303)
    t.equal((await phone.get('/dashboard')).statusCode, 303)
    t.equal((await bob.get('/dashboard')).statusCode, 200)
    t.equal((await phone.submit('/login', alice)).statusCode, 401)
    t.equal((await phone.submit('/login', changed)).statusCode, 303)
    t.equal((await phone.get('/dashboard')).statusCode, 200)
  })
}

for (const where of ['the embedded database', 'Redis']) {
  t.test(`a sign-in in flight does not survive a change of password either, over ${where}`, async (t) => {
    const redis = where === 'Redis' ? { REDIS_URL: (await startRedis(t)).url } : {}
    const app = await build(t, { env: { SESSION_SECRET: secret, ...redis } })
    const first = await registerAlice(app)
    await first.submit('/login', alice)
    const other = await openSqlite(databaseFile(app))
    t.teardown(() => other.close())
    const store = new AccountsStore(other)
    const passwordHash = await new Passwords(app[services].config.passwordHash).hash(changed.password)

    const { begun, go } = holdVerifying(t)
    const browsers = Array.from({ length: 3 }, () => new Visitor(app, 'browser'))
    const signingIn = browsers.map((browser) => browser.submit('/login', alice))
    const proving = first.submit('/confirm', { password: alice.password })
    // By then some have read the old hash and are verifying it.
    await begun
    await store.setPasswordHash('alice', passwordHash)
    await app.latchkey.sessions.revokeAllOf(await accountOf(app))
    go()

    const answers = await Promise.all(signingIn)
    for (const { statusCode, cookies } of answers) t.same([statusCode, cookies], [401, []])
    t.ok(answers.some(({ body }) => body.includes('The account was changed just now')))
    const { statusCode, headers } = await proving
    t.ok(statusCode === 401 || headers.location?.startsWith('/login'), 'whichever check found it first')
    t.same((await app.latchkey.sessions.listByUser((await accountOf(app)).id)).sessions, [])
    t.equal((await browsers[0]!.submit('/login', changed)).statusCode, 303)
  })
}

t.test('while Redis is away the command says what is done and what is not', async (t) => {
  const env = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    SESSION_SECRET: secret,
    REDIS_URL: 'redis://127.0.0.1:1',
    STORAGE_PATIENCE: '500ms'
  }
  const app = await build(t, { env: { ...env, REDIS_URL: '' } })
  await app.latchkey.accounts.add(alice)
  t.match(
    refusal(() => passwd(env)),
    {
      status: 1,
      stderr: /^The account was changed, but alice is not signed out everywhere yet: /
    }
  )
})

function refusal(command: () => string): unknown {
  try {
    return command()
  } catch (error) {
    return error
  }
}

/** From now on verifying a password waits for `go`. */
function holdVerifying(t: Test) {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { promise: going, resolve: go } = Promise.withResolvers<void>()
  const { verify } = argon2
  Reflect.set(argon2, 'verify', async (...words: Parameters<typeof verify>) => {
    begin()
    await going
    return verify(...words)
  })
  t.teardown(() => Reflect.set(argon2, 'verify', verify))
  return { begun, go }
}
