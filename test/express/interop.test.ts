import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import expressSession, { type SessionOptions } from 'express-session'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import t, { type Test } from 'tap'
import { requireUser, signIn } from '../../src/express/index.ts'
import type { Environment } from '../../src/settings/environment.ts'
import { alice, build, secret } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'
import { longSessions } from '../servers/true-clock.ts'
import { Browser, makeSession, serve } from './web.ts'

const redis = await startRedis(t)
const { SESSION_IDLE } = longSessions
const json = { accept: 'application/json' }

/** What both kinds of program have to agree on, beside Redis. */
const shared = {
  secret,
  name: 'latchkey',
  resave: false,
  saveUninitialized: false,
  cookie: { sameSite: 'lax' }
} as const satisfies SessionOptions

/** An Express app that stores the user name where the service does. */
function expressApp(t: Test, middleware: RequestHandler): Promise<string> {
  const app = express().use(middleware)
  const dataOf = ({ session }: express.Request): Record<string, unknown> => Object(session)
  app.post('/enter', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      dataOf(req).user = 'alice'
      res.send('in')
    })
  })
  app.post('/leave', (req, res) => void req.session.destroy(() => res.send('out')))
  app.post('/colour', (req, res) => {
    dataOf(req).colour = 'blue'
    res.send('blue')
  })
  app.get('/who', (req, res) => void res.json([dataOf(req).user ?? null, dataOf(req).colour ?? null]))
  return serve(t, app)
}

/** The service over HTTP, with alice's account. */
async function startService(t: Test, env: Environment) {
  const app = await build(t, {
    env: { REDIS_URL: redis.url, SESSION_SECRET: secret, REGISTRATION: 'open', SESSION_IDLE, ...env },
    // Both look at the same clock.
    now: Date.now
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const { status } = await new Browser(url).submit('/register', alice, json)
  t.equal(status, 201)
  return url
}

interface Both {
  readonly service: string
  readonly app: string
  /** Whether the account is renamed, and back: afterwards a session of its name needs an epoch. */
  readonly renames?: boolean
}

const who = async (browser: Browser) => (await browser.get('/who')).body
const dashboard = async (browser: Browser) => (await browser.get('/dashboard', json)).status

/** One sign-in and one sign-out for both. */
async function signsInAtBoth(t: Test, { service, app, renames = false }: Both) {
  const there = new Browser(service)
  t.equal((await there.submit('/login', alice, json)).status, 200)
  const here = there.copy(app)
  t.equal(await who(here), '["alice",null]', 'signed in at the service, recognised by the app')
  await here.submit('/colour')
  t.equal(await dashboard(there), 200)
  t.equal(await who(here), '["alice","blue"]', 'the app’s data stays')
  for (const name of renames ? ['alicia', alice.username] : []) {
    t.equal((await there.submit('/account/name', { current: alice.password, name }, json)).status, 200)
    await eventually('the new name', async () => (await who(here)) === `["${name}","blue"]`)
    t.equal(await dashboard(there), 200)
  }
  await here.submit('/leave')
  await eventually('out at the app, out at the service', async () => (await dashboard(there)) === 401)
  t.equal(await who(there.copy(app)), '[null,null]')

  const second = new Browser(app)
  await second.submit('/enter')
  const secondThere = second.copy(service)
  t.equal(await dashboard(secondThere), 200, 'signed in at the app, recognised by the service')
  t.equal((await secondThere.submit('/logout', {}, json)).status, 200)
  await eventually('out at the service, out at the app', async () => (await who(second)) === '[null,null]')
}

for (const SESSION_IDS of ['hashed', 'plain']) {
  t.test(`latchkey/express and the service share sessions, ids ${SESSION_IDS}`, async (t) => {
    const service = await startService(t, { SESSION_IDS })
    const settings = { REDIS_URL: redis.url, SESSION_IDS, SESSION_IDLE }
    const app = await expressApp(t, makeSession(t, { ...shared, settings }))
    await signsInAtBoth(t, { service, app, renames: true })
  })
}

t.test(
  'express-session with connect-redis itself shares sessions with the service, with plain ids',
  async (t) => {
    const service = await startService(t, { SESSION_IDS: 'plain' })
    const client = createClient({ url: redis.url })
    await client.connect()
    const older = new Redis(redis.url)
    t.teardown(() => {
      client.destroy()
      older.disconnect()
    })
    const stores: Record<string, () => Promise<expressSession.Store>> = {
      7: async () => new (await import('connect-redis7')).default({ client: older }),
      8: async () => new (await import('connect-redis8')).RedisStore({ client: older }),
      9: async () => new (await import('connect-redis9')).RedisStore({ client }),
      10: async () => new (await import('connect-redis')).RedisStore({ client })
    }
    for (const [version, makeStore] of Object.entries(stores)) {
      t.test(`version ${version}`, async (t) => {
        const middleware = expressSession({ ...shared, store: await makeStore() })
        await signsInAtBoth(t, { service, app: await expressApp(t, middleware) })
      })
    }
  }
)

t.test('over https both name the cookie __Host-latchkey', async (t) => {
  const https = { 'x-forwarded-proto': 'https', ...json }
  const env = { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback', REDIS_URL: redis.url }
  const more = { SESSION_SECRET: secret, SESSION_IDLE, REGISTRATION: 'open' }
  const service = await build(t, { env: { ...env, ...more }, now: Date.now })
  const there = new Browser(await service.listen({ host: '127.0.0.1', port: 0 }))
  const { cookies } = await there.submit('/register', alice, https)
  t.match(
    cookies.find((cookie) => cookie.startsWith('__Host-latchkey=')),
    /; Secure/
  )
  const middleware = makeSession(t, {
    ...shared,
    name: '__Host-latchkey',
    cookie: { secure: true, sameSite: 'lax' },
    proxy: true,
    settings: { REDIS_URL: redis.url, SESSION_IDLE }
  })
  const here = there.copy(await expressApp(t, middleware))
  t.equal(await who(here), '["alice",null]')
  const second = new Browser(here.url)
  t.match((await second.submit('/enter', {}, https)).cookies, [/^__Host-latchkey=.*; Secure/])
  t.equal((await second.copy(there.url).get('/dashboard', https)).status, 200)
})

for (const where of ['Redis', 'the embedded database']) {
  t.test(`requireUser({ group }) decides by the account as it is now, over ${where}`, async (t) => {
    const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
    const inRedis = { REDIS_URL: redis.url, REDIS_PREFIX: 'groups:' }
    const stored = where === 'Redis' ? inRedis : { DATABASE_URL }
    const service = await build(t, {
      env: { ...stored, DATABASE_URL, SESSION_SECRET: secret, SESSION_IDLE },
      now: Date.now
    })
    await service.latchkey.accounts.add(alice)
    const there = new Browser(await service.listen({ host: '127.0.0.1', port: 0 }))
    await there.submit('/login', alice, json)
    const { groups } = service.latchkey
    const { id } = (await service.latchkey.accounts.find('alice'))!
    for (const group of ['family', 'staff']) await groups.add(group)

    const appWith = (settings: Environment) => {
      const app = express().use(makeSession(t, { ...shared, settings: { SESSION_IDLE, ...settings } }))
      app.get('/family', requireUser({ group: 'Family' }), (_req, res) => void res.send('family'))
      app.get('/any', requireUser({ group: ['x', 'STAFF'] }), (_req, res) => void res.send('any'))
      app.post('/enter', (req, res, next) => {
        signIn(req, 'alice').then(() => res.send('in'), next)
      })
      const tell: ErrorRequestHandler = ({ status = 500, code, message }, _req, res, _next) => {
        res.status(status).json({ code, message })
      }
      return serve(t, app.use(tell))
    }
    const accounts = where === 'Redis' && { ACCOUNTS_URL: DATABASE_URL }
    const url = await appWith({ ...stored, ...accounts })
    const here = there.copy(url)
    const look = async (browser: Browser, path: string) => (await browser.get(path, json)).status
    t.match(await here.get('/family', json), { status: 403, body: /LATCHKEY_GROUP_REQUIRED/ })
    await groups.join(id, 'family')
    t.same([await look(here, '/family'), await look(here, '/any')], [200, 403], 'at the next request')
    await groups.join(id, 'staff')
    await groups.leave(id, 'family')
    t.same([await look(here, '/family'), await look(here, '/any')], [403, 200])
    t.equal(await look(new Browser(url), '/any'), 401)
    const byName = new Browser(url)
    await byName.submit('/enter')
    t.equal(await look(byName, '/any'), 403, 'a name alone is no account')

    if (where !== 'Redis') return
    const without = there.copy(await appWith(stored))
    t.match(await without.get('/any', json), { status: 500, body: /set ACCOUNTS_URL/ })
  })
}

t.test('requireUser refuses an option that it would not look at', async (t) => {
  t.throws(() => requireUser({ role: 'admin' } as object), { message: /no option role/ })
})
