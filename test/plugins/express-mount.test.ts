import express, { type Express, type Request } from 'express'
import expressSession from 'express-session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import { signIn, signOut } from '../../src/express/index.ts'
import { accountOf, alice, build, secret } from '../build.ts'
import { Browser } from '../express/web.ts'
import { askRedis, startRedis } from '../servers/redis.ts'

const redis = await startRedis(t)
const json = { accept: 'application/json' }
const dataOf = ({ session }: Request | FastifyRequest): Record<string, unknown> => Object(session)

/** An Express app as it was before, with its own session middleware. */
function olderApp(): Express {
  const app = express()
  app.use(expressSession({ secret: 'its own', name: 'own.sid', resave: true, saveUninitialized: true }))
  app.get('/who', (req, res) => void res.json(dataOf(req).user ?? null))
  app.get('/count', (req, res) => {
    const count = Number(dataOf(req).count ?? 0) + 1
    Object.assign(dataOf(req), { count })
    res.json(count)
  })
  app.post('/login', async (req, res) => {
    await signIn(req, 'alice')
    res.end()
  })
  app.post('/logout', async (req, res) => {
    await signOut(req)
    res.end()
  })
  app.get('/broken', () => {
    throw new Error('broken')
  })
  // Passed on to Fastify's routes.
  app.use('/through/changing', (req, _res, next) => {
    Object.assign(dataOf(req), { express: true })
    delete dataOf(req).colour
    next()
  })
  app.use('/through/failing', (req, _res, next) => {
    Object.assign(dataOf(req), { express: true })
    next(new Error('on purpose'))
  })
  app.use('/through/leaving', (req, _res, next) => void req.session.destroy(next))
  app.use('/through/unsetting', (req, _res, next) => {
    Reflect.set(req, 'session', null)
    next()
  })
  app.use('/through/exchanging', (req, _res, next) => {
    const { user } = dataOf(req)
    req.session.regenerate((error) => {
      Object.assign(dataOf(req), { user, exchanged: true })
      next(error)
    })
  })
  app.use('/through/baking', (req, res, next) => {
    res.cookie('theme', 'dark')
    Object.assign(dataOf(req), { express: true })
    next()
  })
  app.use('/through/keeping', (req, _res, next) => {
    Object.assign(dataOf(req), { express: true })
    req.session.save(next)
  })
  return app
}

function newerRoutes(app: FastifyInstance) {
  app.get('/older/through/:what', async (request) => {
    if (!Object.hasOwn(request.query as object, 'look')) dataOf(request).fastify = true
    const { cookie, ...data } = JSON.parse(JSON.stringify(request.session))
    return data
  })
  app.post('/colour', async (request) => {
    dataOf(request).colour = 'blue'
    return {}
  })
  app.get('/known', async (request) => (await request.deviceFor('alice')) !== undefined)
  app.get('/all', async ({ sessionData }) => sessionData)
}

const service = await build(t, {
  env: { REDIS_URL: redis.url, SESSION_SECRET: secret, SESSION_CACHE: '0' },
  routes: (app) => {
    app.register(fp(async (app) => app.mountExpress('/older', olderApp())))
    newerRoutes(app)
  }
})
const url = await service.listen({ host: '127.0.0.1', port: 0 })
await new Browser(url).submit('/register', alice, json)

/** A browser where alice is signed in. */
async function signedIn(): Promise<Browser> {
  const browser = new Browser(url)
  await browser.submit('/login', alice, json)
  return browser
}

/** How many sessions were loaded from Redis and saved to it meanwhile. */
async function counted(step: () => Promise<unknown>) {
  await askRedis(redis.port, 'CONFIG', 'RESETSTAT')
  await step()
  const stats = String(await askRedis(redis.port, 'INFO', 'commandstats'))
  const calls = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
  // Each save reads session and expiry in its script.
  return { loads: calls('pexpiretime') - calls('set'), saves: calls('set') }
}

t.test('an Express app inside has the service’s session through its own middleware', async (t) => {
  const browser = await signedIn()
  t.equal((await browser.get('/older/who')).body, '"alice"')
  t.equal((await browser.get('/older/count')).body, '1')
  t.equal((await browser.get('/older/count')).body, '2')
  t.match(JSON.parse((await browser.get('/all', json)).body), { user: 'alice', count: 2 })
  t.notOk(browser.jar.has('own.sid'), 'and no cookie of its own')
})

t.test('on any path through both, a session is loaded once and saved once', async (t) => {
  const browser = await signedIn()
  t.same(await counted(() => browser.get('/older/who')), { loads: 1, saves: 0 })
  t.same(await counted(() => browser.get('/older/count')), { loads: 1, saves: 1 })
  t.same(await counted(() => browser.get('/older/through/unchanged?look')), { loads: 1, saves: 0 })
  t.same(await counted(() => browser.get('/older/through/changing?look')), { loads: 1, saves: 1 })
  t.same(
    await counted(() => browser.get('/older/through/changing')),
    { loads: 1, saves: 1 },
    'both change it'
  )
})

t.test('changes by both in one request are kept', async (t) => {
  const browser = await signedIn()
  await browser.submit('/colour', {}, json)
  const seen = JSON.parse((await browser.get('/older/through/changing')).body)
  t.match(seen, { user: 'alice', express: true, fastify: true })
  const kept = JSON.parse((await browser.get('/all', json)).body)
  t.match(kept, { user: 'alice', express: true, fastify: true })
  t.notOk('colour' in kept, 'a key deleted by Express is gone')
})

t.test('data that Express has saved is neither lost nor overwritten', async (t) => {
  const browser = await signedIn()
  await browser.get('/older/through/keeping')
  t.match(JSON.parse((await browser.get('/all', json)).body), { express: true, fastify: true })
})

t.test('changes before an error are kept, and the error is a page of the service', async (t) => {
  const browser = await signedIn()
  const { status, body } = await browser.get('/older/through/failing', json)
  t.same([status, JSON.parse(body).code], [500, 'LATCHKEY_INTERNAL'])
  t.match(JSON.parse((await browser.get('/all', json)).body), { express: true })
  t.equal((await browser.get('/older/broken', json)).status, 500)
})

t.test('signing in and out in Express counts for the service', async (t) => {
  const browser = await signedIn()
  const stolen = browser.copy()
  await browser.submit('/older/logout')
  for (const each of [browser, stolen]) t.equal((await each.get('/dashboard', json)).status, 401)
  await browser.submit('/older/login')
  t.equal((await browser.get('/dashboard', json)).status, 200)
  await browser.submit('/logout', {}, json)
  t.equal((await browser.get('/older/who')).body, 'null')
})

t.test('in Express the browser stays known, signing in by a name makes none known', async (t) => {
  const browser = await signedIn()
  const known = async (each: Browser) => JSON.parse((await each.get('/known')).body)
  const device = browser.jar.get('latchkey-browser') ?? ''
  for (const path of ['/older/through/exchanging', '/older/through/leaving'])
    t.notMatch((await browser.get(path)).cookies.join(), /browser/)
  await browser.submit('/older/login')
  await browser.submit('/older/logout')
  t.equal(browser.jar.get('latchkey-browser'), device)
  t.equal(await known(browser), true)
  const stranger = new Browser(url)
  await stranger.submit('/older/login')
  t.equal(await known(stranger), false)
  await service.latchkey.sessions.revokeAllOf(await accountOf(service))
  t.equal(await known(browser), false, 'signing out everywhere ends it')
})

t.test('a session that Express ends or replaces is gone for the route behind', async (t) => {
  const browser = await signedIn()
  const stolen = browser.copy()
  const { user, exchanged, fastify } = JSON.parse((await browser.get('/older/through/exchanging')).body)
  t.same([user, exchanged, fastify], ['alice', true, true])
  t.equal((await browser.get('/dashboard', json)).status, 200, 'with the new id')
  t.equal((await stolen.get('/dashboard', json)).status, 401, 'the old one is over')
  const { body, cookies } = await browser.get('/older/through/leaving?look')
  t.notMatch(body, 'alice')
  t.match(cookies, [/^latchkey=; .*1970/])
  t.equal((await browser.get('/dashboard', json)).status, 401)
})

t.test('req.session = null leaves the stored session to the route behind', async (t) => {
  const browser = await signedIn()
  t.match(JSON.parse((await browser.get('/older/through/unsetting?look')).body), { user: 'alice' })
})

t.test('a visitor can begin a session in Express on the way to a route', async (t) => {
  const browser = await signedIn()
  for (const what of ['changing', 'keeping']) {
    const visitor = new Browser(browser.url)
    await visitor.get(`/older/through/${what}`)
    t.match(JSON.parse((await visitor.get('/all', json)).body), { express: true, fastify: true }, what)
  }
})

t.test('cookies of Express and of the session arrive in one response', async (t) => {
  const visitor = new Browser(url)
  await visitor.get('/older/through/baking')
  t.same([...visitor.jar.keys()].sort(), ['latchkey', 'theme'])
})

t.test('a failing store is a 503 of the service inside Express too', async (t) => {
  const browser = await signedIn()
  await redis.configure('maxmemory', '1')
  const { status, headers, cookies, body } = await browser.get('/older/count', json)
  await redis.configure('maxmemory', '0')
  t.same([status, headers.get('retry-after'), cookies], [503, '5', []])
  t.equal(JSON.parse(body).code, 'LATCHKEY_STORAGE_UNAVAILABLE')
})

t.test('Express apps can be mounted only on the server itself', async (t) => {
  await t.rejects(Promise.resolve(service.mountExpress.call(Object.create(service), '/x', olderApp())), {
    message: /mountExpress was called inside a plugin/
  })
})
