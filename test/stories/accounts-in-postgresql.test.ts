// group: failing-storage
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { commandIn, settings } from '../cli/command.ts'
import { Authenticator } from '../factors/passkeys/authenticator.ts'
import { eventually } from '../servers/eventually.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { onTrueClock } from '../servers/true-clock.ts'

const [postgres, redis] = await Promise.all([startPostgres(t), startRedis(t)])

/** A new database and no session, on servers that run. */
async function newEnvironment() {
  await redis.ask('FLUSHALL')
  return { DATABASE_URL: await postgres.newDatabase(), REDIS_URL: redis.url, SESSION_SECRET: secret }
}

function signIn(app: FastifyInstance) {
  return new Visitor(app, 'program').post('/login', alice)
}

function itAnswers(app: FastifyInstance) {
  return eventually('a sign-in', async () => (await signIn(app)).statusCode === 200)
}

/**
 * As many concurrent sign-ins while PostgreSQL is down: none waits for it to come back. While the first ones
 * wait, too many further ones are refused from memory, with 429.
 */
async function isRefused(t: Test, app: FastifyInstance) {
  const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => signIn(app)))
  t.equal(first?.statusCode, 503)
  t.same(first?.cookies, [])
  for (const { statusCode, cookies } of others) {
    t.ok([503, 429].includes(statusCode), `${statusCode}`)
    t.same(cookies, [])
  }
}

t.test('people can register and sign in again, and a wrong password is refused', async (t) => {
  const env = await newEnvironment()
  const app = await build(t, { env })
  const browser = await registerAlice(app)
  t.match((await browser.get('/dashboard')).body, 'alice')
  await browser.submit('/logout')
  t.equal((await browser.submit('/login', { ...alice, password: 'not the password' })).statusCode, 401)
  t.equal((await browser.submit('/login', alice)).statusCode, 303)
  t.equal((await browser.get('/dashboard')).statusCode, 200)
  const other = await build(t, { env })
  t.equal((await signIn(other)).statusCode, 200, 'a second service knows her too')
  t.equal((await new Visitor(other, 'program').post('/register', alice)).statusCode, 403)
})

t.test('administrators find people and events there, page by page', async (t) => {
  const app = await build(t, { env: await newEnvironment() })
  await app.latchkey.accounts.add(alice)
  const { accounts, audit } = app[services]
  await accounts.setRole(alice.username, 'admin')
  const visitor = new Visitor(app, 'program')
  await visitor.post('/login', alice)
  await audit.record({ event: 'account-open', name: 'carol', reason: 'lost\0phone' })
  t.match(await audit.list({ name: 'carol' }, 1), [{ reason: 'lost\ufffdphone' }], 'PostgreSQL takes no NUL')
  for (let n = 0; n < 30; n += 1) await audit.record({ event: 'sign-out', name: 'bob', address: '192.0.2.7' })
  t.match((await visitor.get('/admin?find=AL&sort=last-sign-in')).json(), { accounts: [{ name: 'alice' }] })
  const found = '/admin/activity?event=sign-out&address=192.0.2.7&person=bob&from=2020-01-01'
  const { events, next } = (await visitor.get(found)).json()
  t.equal(events.length, 25)
  t.equal((await visitor.get(`${found}&before=${next}`)).json().events.length, 5)
  t.match((await visitor.get('/admin/status')).json(), {
    sessions: { count: 1, precision: 'exact' },
    stores: { accounts: { answers: true }, sessions: { answers: true } }
  })
  const { signIns } = (await visitor.get('/admin/status')).json()
  // Midnight may have passed.
  const days: { succeeded: number }[] = signIns.month.slice(-2)
  t.equal(days[0]!.succeeded + days[1]!.succeeded, 1)
  for (const url of ['/admin/people/%00', '/admin/people/a%00b/disable', '/api/accounts/%00'])
    t.equal((await visitor.get(url)).statusCode, 404, url)
  for (const url of ['/api/tokens/%00', '/api/sessions/a%00b'])
    t.equal((await visitor.delete(url)).statusCode, 404, url)
  t.equal((await visitor.post('/admin/invitations/%00')).statusCode, 404)
})

t.test('passkeys sign in there, and codes of an app are offered with DATA_KEYS only', async (t) => {
  const env = await newEnvironment()
  const app = await build(t, { env })
  const browser = await registerAlice(app)
  const json = { headers: { accept: 'application/json' } }
  const authenticator = new Authenticator({ counter: 3_000_000_000 })
  const { passkey } = (await browser.get('/account/security/passkeys', json)).json()
  const credential = authenticator.create(passkey)
  const added = await browser.post('/account/security/passkeys', { credential }, json)
  t.equal(added.json().recoveryCodes.length, 10)
  const asked = (await browser.get('/login/passkey', json)).json().passkey
  const answer = { credential: authenticator.use(asked) }
  const once = [1, 2, 3].map(() => new Visitor(app, 'browser').post('/login/passkey', answer, json))
  t.same((await Promise.all(once)).map(({ statusCode }) => statusCode).sort(), [200, 401, 401])
  t.ok((await browser.get('/account/security', json)).json().passkeys[0].usedAt)
  t.match((await browser.get('/account/security')).body, 'has not switched these codes on')
  t.equal((await browser.get('/account/security/app')).statusCode, 404)
  const other = await build(t, { env: { ...env, DATA_KEYS: secret } })
  const elsewhere = new Visitor(other, 'browser')
  const again = (await elsewhere.get('/login/passkey', json)).json().passkey
  await elsewhere.post('/login/passkey', { credential: authenticator.use(again) }, json)
  t.equal((await elsewhere.get('/account/security/app')).statusCode, 200)
})

t.test(
  'while PostgreSQL is down nobody can sign in, signed-in users stay, and then everything recovers',
  async (t) => {
    const env = await newEnvironment()
    const app = await build(t, { env })
    const browser = await registerAlice(app)

    await postgres.stop()
    await isRefused(t, app)
    t.equal((await browser.get('/dashboard')).statusCode, 200)

    await postgres.start()
    await itAnswers(app)
  }
)

t.test('while PostgreSQL hangs nobody can sign in, and signed-in users stay', async (t) => {
  const env = await newEnvironment()
  await registerAlice(await build(t, { env }))
  const app = await build(t, { env: { ...env, STORAGE_PATIENCE: '300ms' } })
  const browser = new Visitor(app, 'browser')
  await eventually('a sign-in', async () => (await browser.submit('/login', alice)).statusCode === 303)

  await postgres.pause()
  await isRefused(t, app)
  t.equal((await browser.get('/dashboard')).statusCode, 200)

  postgres.resume()
  await itAnswers(app)
})

t.test('a service that starts without PostgreSQL works once it is there', async (t) => {
  const env = await newEnvironment()
  await postgres.stop()
  const app = await build(t, { env })
  await isRefused(t, app)

  await postgres.start()
  await eventually('an account', async () => {
    return (await new Visitor(app, 'program').post('/register', alice)).statusCode === 201
  })
  await itAnswers(app)
})

const deploying = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8')

/** The commands below a heading, block by block, as a shell gets them. */
function documented(heading: string, folders: Record<string, string>): readonly string[] {
  const [, section = ''] = new RegExp(`### ${heading}\n(.*?)\n##`, 's').exec(deploying) ?? []
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) =>
    Object.entries(folders).reduce((text, [from, to]) => text.replaceAll(from, to), block)
  )
}

t.test('PostgreSQL and Redis are copied and restored as docs/deploying.md says', async (t) => {
  const env = await newEnvironment()
  const app = await build(t, { env: { ...env, REGISTRATION: 'open' } })
  const latchkey = commandIn(t, settings(t, env))
  const [stays, leaves] = [await registerAlice(app, 'program'), new Visitor(app, 'program')]
  await leaves.post('/login', alice)
  const [, folder = ''] = [await redis.ask('CONFIG', 'GET', 'dir')].flat().map(String)
  const folders = { '/var/backups': t.testdir(), '/var/lib/redis': folder }
  const sh = (script = '') =>
    execFileSync('sh', ['-ec', script], { env: { ...onTrueClock(), ...env }, stdio: 'pipe' })
  const [dump, restore = ''] = documented('PostgreSQL', folders)
  const [copy, putBack, turnOn] = documented('Redis', folders)
  const isIn = async (visitor: Visitor) => (await visitor.get('/dashboard')).statusCode

  sh(dump)
  sh(copy)
  const cookies = { ...leaves.cookies }
  await leaves.post('/logout')
  await redis.stop()
  sh(putBack)
  await redis.start('--appendonly', 'no')
  sh(turnOn)
  leaves.cookies = cookies
  await eventually('the sessions', async () => (await isIn(stays)) === 200)
  t.equal(await isIn(leaves), 401, 'ended stays ended')
  await redis.stop()
  await redis.start()
  await eventually('the sessions', async () => (await isIn(stays)) === 200)

  await app.latchkey.accounts.remove('alice')
  const { cookies: later } = await registerAlice(app, 'program')
  await app.close()
  const [first = '', second = ''] = restore.trim().split('\n')
  sh(first)
  t.match(await latchkey(second.replace('npx latchkey ', '').split(' ')), { code: 0 })
  const again = await build(t, { env })
  for (const old of [stays.cookies, later]) {
    const visitor = new Visitor(again, 'program')
    visitor.cookies = { ...old }
    t.equal(await isIn(visitor), 401)
  }
  t.equal((await signIn(again)).statusCode, 200)
  t.match(await again.latchkey.accounts.rename('alice', 'bob'), { ok: true }, 'with its triggers')
  t.equal((await again.latchkey.accounts.add(alice)).ok, false)
})
