// group: attackers
import { DatabaseSync } from 'node:sqlite'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { newSeed } from '../../src/factors/one-time-codes.ts'
import { services } from '../../src/open-services.ts'
import { once } from '../../src/primitives/once.ts'
import { alice, build, databaseFile, registerAlice, secret, Visitor } from '../build.ts'
import { codeOf, somePasskey } from '../factors/examples.ts'
import { Authenticator } from '../factors/passkeys/authenticator.ts'
import { TestClock } from '../second-factors.ts'
import { eventually } from '../servers/eventually.ts'
import { freePort } from '../servers/free-port.ts'
import { startRedis } from '../servers/redis.ts'
import { startService } from '../servers/service.ts'
import { startSlowProxy } from '../servers/slow-proxy.ts'
import { steadyNow } from '../servers/true-clock.ts'

const hour = 60 * 60 * 1000
const step = 30_000
const places = ['the embedded database', 'Redis'] as const
type Where = (typeof places)[number]

/** One for all tests of this file, each with its own prefix. */
const redis = once(() => startRedis(t))
let databases = 0

/** Two services with one database, and alice, who has set codes up. */
async function open(t: Test, where: Where = 'the embedded database', more = {}) {
  const clock = new TestClock()
  databases += 1
  const env = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    REGISTRATION: 'open',
    SESSION_SECRET: secret,
    ...(where === 'Redis' && { REDIS_URL: (await redis()).url, REDIS_PREFIX: `${databases}:` }),
    ...more
  }
  const one = await build(t, { env, now: clock.now })
  await registerAlice(one)
  return { env, clock, one, ...(await setUp(one, clock)) }
}

async function setUp(app: FastifyInstance, clock: TestClock, name = 'alice') {
  const { accounts, factors } = app[services]
  const seed = newSeed()
  const account = (await accounts.find(name))!
  const added = await factors.addCodes(account, { seed, code: codeOf(seed, clock.time) })
  /** What the app shows now. */
  const code = () => codeOf(seed, clock.time)
  return { id: account.id, code, recoveryCodes: added?.recoveryCodes ?? [] }
}

async function statusOf(app: FastifyInstance, code: string, person = alice): Promise<number> {
  return (await new Visitor(app, 'program').post('/login', { ...person, code })).statusCode
}

/** A browser that has given the password. */
async function halfSignedIn(app: FastifyInstance) {
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  return browser
}

/** Sends a code from one browser to each service several times at once. @returns how many were let in */
async function sendAtOnce(apps: readonly FastifyInstance[], code: string, times: number): Promise<number> {
  const [app] = apps
  const { cookies } = await halfSignedIn(app!)
  const tries = apps.flatMap((app) =>
    Array.from({ length: times }, async () => {
      const browser = new Visitor(app, 'browser')
      browser.cookies = { ...cookies }
      await browser.submit('/login/code', { code })
      return 'latchkey' in browser.cookies
    })
  )
  return (await Promise.all(tries)).filter(Boolean).length
}

for (const where of places) {
  t.test(`a code counts once, over ${where} (cases 1 to 4)`, async (t) => {
    const { env, one, clock, id, code, recoveryCodes } = await open(t, where)
    const other = await build(t, { env, now: clock.now })
    t.equal(await statusOf(other, code()), 401, '2: the code of the set-up')
    clock.pass(step)
    t.equal(await sendAtOnce([one, other], code(), 2), 1, '1: one code on two services at once')
    const used = code()
    clock.pass(-hour)
    t.equal(await statusOf(one, code()), 401, '3: the clock went back an hour, and with it the codes')
    clock.pass(hour - step)
    t.equal(await statusOf(other, used), 401)
    clock.pass(2 * step)
    t.equal(await statusOf(other, code()), 200)
    const [recovery = ''] = recoveryCodes
    t.equal(await sendAtOnce([one, other], recovery, 15), 1, '4: a recovery code 30 times at once')
    t.match(await one[services].factors.of(id), { recoveryCodes: { left: 10 } })
  })

  t.test(
    `who comes next under a removed name finds nothing of the former owner, over ${where} (case 15)`,
    async (t) => {
      const { one: app, clock, id, code, recoveryCodes } = await open(t, where)
      const { accounts, factors, links } = app[services]
      await factors.addPasskey((await accounts.findById(id))!, somePasskey)
      const link = await links.make((await accounts.findById(id))!)
      const before = await halfSignedIn(app)
      clock.pass(step)
      await accounts.remove('alice')
      await accounts.add(alice)
      const next = (await accounts.find('alice'))!
      t.same(await factors.of(next.id), {
        codes: undefined,
        passkeys: [],
        recoveryCodes: { left: 0, createdAt: undefined, isClosed: false }
      })
      t.equal((await before.submit('/login/code', { code: code() })).headers.location, '/login')
      t.equal(await factors.findPasskey(somePasskey.id), undefined)
      t.equal(await links.find(link?.token), undefined)
      await setUp(app, clock)
      const browser = await halfSignedIn(app)
      for (const old of [code(), recoveryCodes[0] ?? ''])
        t.equal((await browser.submit('/login/code', { code: old })).statusCode, 401)
      const left = new DatabaseSync(databaseFile(app)).prepare('SELECT account_id FROM totp').all()
      t.same(
        left.map(({ account_id }) => account_id),
        [next.id]
      )
    }
  )

  t.test(
    `a hundred wrong codes close codes alone, and the last administrator may drop them, over ${where} (case 25)`,
    async (t) => {
      const { one: app, clock, id, code, recoveryCodes } = await open(t, where)
      const { accounts, factors } = app[services]
      const role = async () => (await accounts.findById(id))?.role
      await accounts.setRole('alice', 'admin')
      clock.pass(step)
      await Promise.all(Array.from({ length: 100 }, () => factors.takeCode(id, '000000x')))
      t.equal(await statusOf(app, code()), 429)
      t.equal(await statusOf(app, recoveryCodes[0] ?? ''), 200)
      await factors.removeCodes((await accounts.findById(id))!)
      t.equal(await role(), 'admin')
      t.equal(
        (await new Visitor(app, 'program').post('/login', alice)).statusCode,
        200,
        'with the password alone'
      )
    }
  )
}

for (const where of places)
  t.test(`a seed opens nothing without its key, or in another row, over ${where} (case 24)`, async (t) => {
    const [former, present] = ['former', 'present'].map((name) => name.padEnd(32, '.'))
    const { env, one, clock, code, recoveryCodes } = await open(t, where, { DATA_KEYS: former })
    const { accounts } = one[services]
    const bob = { username: 'bob', password: 'another long password' }
    await accounts.add(bob)
    const bobs = await setUp(one, clock, 'bob')
    clock.pass(step)
    const database = new DatabaseSync(databaseFile(one))
    const rows = database.prepare('SELECT id, account_id, seed FROM totp').all()
    const setSeed = database.prepare('UPDATE totp SET seed = ? WHERE id = ?')
    setSeed.run(rows[1]?.seed ?? '', rows[0]?.id ?? '')
    setSeed.run(rows[0]?.seed ?? '', rows[1]?.id ?? '')
    for (const each of [code(), bobs.code()]) t.equal(await statusOf(one, each), 401, 'swapped')
    for (const { seed, id } of rows) setSeed.run(seed ?? '', id ?? '')
    t.equal(await statusOf(one, code()), 200)

    const copy = await build(t, { env: { ...env, DATA_KEYS: present }, now: clock.now })
    clock.pass(step)
    t.equal(await statusOf(copy, code()), 401, 'the key is lost, or the database was copied')
    t.equal(await statusOf(copy, recoveryCodes[0] ?? ''), 200, 'other ways go on')
    const ring = `${present},${former}`
    const rotated = await build(t, { env: { ...env, DATA_KEYS: ring }, now: clock.now })
    clock.pass(step)
    t.equal(await statusOf(rotated, code()), 200)
    await eventually('all are moved', async () => rows.every(({ id, seed }) => seedOf(database, id) !== seed))
    clock.pass(step)
    t.equal(await statusOf(copy, code()), 200, 'by the new key alone')
  })

function seedOf(database: DatabaseSync, id: unknown): unknown {
  return database.prepare('SELECT seed FROM totp WHERE id = ?').get(String(id))?.seed
}

for (const where of places)
  t.test(
    `kill -9 after a code was spent, and before its session is stored, loses the code alone, over ${where} (cases 1, 4, 5 and 12)`,
    async (t) => {
      const { env, throughHold, holdNextSession } = await (where === 'Redis' ? heldRedis(t) : heldDatabase(t))
      const app = await build(t, { env })
      await app.latchkey.accounts.add(alice)
      const { authenticator, recoveryCodes } = await withPasskey(app, env.PUBLIC_URL)
      // Neither process follows the machine's clock when it is set.
      const clock = new TestClock(steadyNow())
      const { id, code } = await setUp(app, clock)
      clock.pass(step)
      const [recovery = ''] = recoveryCodes
      const service = await startService(t, { env: { ...env, ...throughHold } })
      const post = (path: string, body: object) =>
        fetch(service.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify(body)
        })
      const countsOnce = async (name: string, path: string, body: Record<string, unknown>) => {
        const there = post(path, body).then(({ status }) => status)
        const here = new Visitor(app, 'program').post(path, body).then(({ statusCode }) => statusCode)
        t.same((await Promise.all([there, here])).sort(), [200, 401], `${name}: of two processes one lets in`)
      }
      await countsOnce('1', '/login', { ...alice, code: code() })
      await countsOnce('4', '/login', { ...alice, code: recoveryCodes[2] })
      const { passkey } = (await new Visitor(app, 'program').get('/login/passkey')).json()
      await countsOnce('12', '/login/passkey', { credential: authenticator.use(passkey) })

      const sessions = async () => (await app.latchkey.sessions.listByUser(id)).sessions.length
      const before = await sessions()
      const hold = await holdNextSession(app)
      const signingIn = post('/login', { ...alice, code: recovery }).catch(() => undefined)
      await eventually('the session is on its way', hold.isHeld)
      await service.stop('SIGKILL')
      hold.release()
      t.equal(await signingIn, undefined)
      t.equal(await sessions(), before, 'no session')
      t.equal(await statusOf(app, recovery), 401, 'it was spent')
      t.match(await app[services].factors.of(id), { recoveryCodes: { left: 10 } })
      t.equal(await statusOf(app, recoveryCodes[1] ?? ''), 200)
    }
  )

/** The pages have the same origin on both machines. */
async function twoProcesses() {
  const PORT = String(await freePort())
  return { PORT, PUBLIC_URL: `http://localhost:${PORT}`, SESSION_SECRET: secret, DATA_KEYS: secret }
}

/** Redis, and a proxy that holds what stores a session of alice. */
async function heldRedis(t: Test) {
  const server = await redis()
  const proxy = await startSlowProxy(t, Number(new URL(server.url).port))
  const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
  const holdNextSession = async (_app: FastifyInstance) => {
    proxy.holdAt('"alice"')
    return { isHeld: async () => proxy.isHeld(), release: () => {} }
  }
  const env = { ...(await twoProcesses()), DATABASE_URL, REDIS_URL: server.url, REDIS_PREFIX: 'killed:' }
  return { env, throughHold: { REDIS_URL: `redis://127.0.0.1:${proxy.port}` }, holdNextSession }
}

/** The embedded database, with a trigger that never ends when a session is stored. */
async function heldDatabase(t: Test) {
  const holdNextSession = async (app: FastifyInstance) => {
    const database = new DatabaseSync(databaseFile(app))
    const codes = () =>
      JSON.stringify(database.prepare('SELECT hash FROM recovery_codes ORDER BY hash').all())
    const before = codes()
    database.exec(`CREATE TRIGGER held BEFORE INSERT ON sessions BEGIN SELECT ${endless}; END`)
    // Spending the code has its own transaction, before that of the session.
    const isHeld = async () => codes() !== before
    return { isHeld, release: () => database.exec('DROP TRIGGER held') }
  }
  const env = { ...(await twoProcesses()), DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  return { env, throughHold: {}, holdNextSession }
}

const endless = '(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n)'

/** @returns what has a passkey of alice, her first second factor, and what came with it */
async function withPasskey(app: FastifyInstance, origin: string) {
  const authenticator = new Authenticator({ origin })
  const program = new Visitor(app, 'program')
  await program.post('/login', alice)
  const { passkey } = (await program.get('/account/security/passkeys')).json()
  const credential = authenticator.create(passkey)
  const added = (await program.post('/account/security/passkeys', { credential })).json()
  return { authenticator, recoveryCodes: added.recoveryCodes as readonly string[] }
}
