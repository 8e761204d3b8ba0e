import express from 'express'
import Fastify from 'fastify'
import t from 'tap'
import { session, signIn } from '../../src/express/index.ts'
import latchkey from '../../src/index.ts'
import { accountOf, alice, build, registerAlice, Visitor } from '../build.ts'
import { Browser, serve } from '../express/web.ts'
import { patientSettings } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'

const minute = 60_000
const redis = await startRedis(t)

const places: Record<string, Record<string, string>> = {
  'the embedded database': {},
  Redis: { REDIS_URL: redis.url, SESSION_SECRET: 'a secret of thirty-two characters' }
}

for (const [where, settings] of Object.entries(places)) {
  t.test(`a person with too many sessions keeps those in use, over ${where}`, async (t) => {
    let time = Date.now()
    const app = await build(t, { env: { SESSIONS_PER_ACCOUNT: '3', ...settings }, now: () => time })
    const laptop = await registerAlice(app)
    const phone = new Visitor(app, 'browser')
    await phone.submit('/login', alice)
    time += 2 * minute
    const isIn = async (visitor: Visitor) => (await visitor.get('/dashboard')).statusCode === 200
    t.same([await isIn(laptop), await isIn(phone)], [true, true])

    const collected = Array.from({ length: 5 }, () => new Visitor(app, 'browser'))
    for (const visitor of collected) await visitor.submit('/login', alice)
    t.same(await Promise.all(collected.map(isIn)), [false, false, false, false, true])
    t.same([await isIn(laptop), await isIn(phone)], [true, true])

    const last = new Visitor(app, 'browser')
    await last.submit('/login', alice)
    const told = /more places than this site allows, so one session has been ended/
    t.match((await last.get('/account/sessions')).body, told, 'the next page says so')
    t.notMatch((await last.get('/account/sessions')).body, told, 'once')
    t.notMatch((await laptop.get('/account/sessions')).body, told)

    const trail = await app.latchkey.audit.list((await accountOf(app)).id, 20)
    const evictions = trail.filter(({ event }) => event === 'session-evict')
    t.equal(evictions.length, 5)
    const signIns = trail.filter(({ event }) => event === 'sign-in').map(({ session }) => session)
    for (const { session } of evictions) t.ok(signIns.includes(session), 'the audit trail names each')
    t.match((await laptop.get('/account/activity')).body, 'A session ended, because there were too many')
  })
}

t.test('a host app sets the limit by an option', async (t) => {
  const app = Fastify({ pluginTimeout: 0 })
  t.teardown(() => app.close())
  const { STORAGE_PATIENCE: storagePatience } = patientSettings
  const options = { databaseUrl: 'file::memory:', registration: 'open', storagePatience } as const
  await app.register(latchkey, { ...options, sessionsPerAccount: 1 })
  app.get('/mine', (request) => request.requireUser())
  const first = new Visitor(app, 'program')
  await first.post('/register', alice)
  t.equal((await first.get('/mine')).statusCode, 200)
  const second = new Visitor(app, 'program')
  await second.post('/login', alice)
  t.same([(await first.get('/mine')).statusCode, (await second.get('/mine')).statusCode], [401, 200])
})

t.test('an Express app sets it among the settings of its store', async (t) => {
  const middleware = session({
    secret: 'keyboard cat',
    resave: false,
    saveUninitialized: false,
    settings: { ...patientSettings, REDIS_URL: redis.url, SESSIONS_PER_ACCOUNT: '1' }
  })
  t.teardown(() => Reflect.get(middleware.store, 'close')())
  const app = express().use(middleware)
  app.post('/login', async (req, res) => {
    await signIn(req, 'carol')
    res.end()
  })
  // As express-session documents it.
  app.post('/own-login', (req, res) => {
    Reflect.set(req.session, 'user', 'carol')
    res.end()
  })
  app.get('/', (req, res) => void res.json(Reflect.get(req.session, 'user') ?? null))
  const url = await serve(t, app)
  const browsers = Array.from({ length: 3 }, () => new Browser(url))
  const users = async () => Promise.all(browsers.map(async (browser) => (await browser.get('/')).body))
  const [first, second, third] = browsers as [Browser, Browser, Browser]
  await first.submit('/login')
  t.same(await users(), ['"carol"', 'null', 'null'])
  await second.submit('/own-login')
  t.same(await users(), ['null', '"carol"', 'null'])
  await third.submit('/login')
  t.same(await users(), ['null', 'null', '"carol"'])
})
