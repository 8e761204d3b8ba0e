import express, { type ErrorRequestHandler } from 'express'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { requireUser } from '../../src/express/index.ts'
import { alice, build, databaseFile, registerAlice, secret, Visitor } from '../build.ts'
import { makeSession, serve } from '../express/web.ts'
import { type Route, routesOf } from '../routes-of.ts'
import { setUpCodes, TestClock } from '../second-factors.ts'
import { startRedis } from '../servers/redis.ts'

type Jar = Readonly<Record<string, string>>

/** Where the second factor of a sign-in is asked for, and nothing else is done. */
const ofSecondFactor = /^\/login\/|^\/api\/session\/code$/
/** Whose answer is another one each time. */
const changing = /^\/(health|metrics)/

const tell: ErrorRequestHandler = (error, _req, res, _next) => void res.status(error.status).end(error.code)

/** Alice, who has set codes up, and her browser after the password. */
async function open(t: Test, env: Record<string, string> = {}) {
  const clock = new TestClock()
  const app = await build(t, {
    env: { SESSION_SECRET: secret, ...env },
    now: clock.now,
    routes: (app: FastifyInstance) => {
      app.get('/own', (request) => request.requireUser({ factors: 1 }))
      app.get('/own/user', async ({ session }) => session.user ?? null)
    }
  })
  await registerAlice(app)
  const authenticator = await setUpCodes(app, clock)
  const visitor = new Visitor(app, 'program')
  await visitor.post('/login', alice)
  const { 'latchkey-pending': pending = '' } = visitor.cookies
  t.match(pending, /\w/)
  // As it is, and in place of the session cookie.
  const jars = [{ 'latchkey-pending': pending }, { latchkey: pending }, { latchkey: `s:${pending}` }]
  return { app, authenticator, visitor, jars }
}

/** Each page that asks for a passkey has another one. */
const challenge = /challenge(?:&quot;|"):(?:&quot;|")[\w-]+/

/** The routes where this browser is not treated as anybody would be. */
async function routesThatTell(app: FastifyInstance, routes: readonly Route[], jar: Jar, accept: string) {
  const ask = async ({ method, url }: Route, cookies: Jar) => {
    const answer = await app.inject({ method: method as 'GET', url, headers: { accept }, cookies })
    const { location, 'remote-user': user } = answer.headers
    return JSON.stringify([
      answer.statusCode,
      location,
      user,
      changing.test(url) || answer.body.replace(challenge, '')
    ])
  }
  const different = []
  for (const route of routes)
    if ((await ask(route, jar)) !== (await ask(route, {}))) different.push(`${route.method} ${route.url}`)
  return different
}

t.test('whoever has given the password alone is nobody, in each route of the router (case 8)', async (t) => {
  const { app, jars, visitor, authenticator } = await open(t)
  const routes = routesOf(app).filter(({ url }) => !ofSecondFactor.test(url))
  t.ok(routes.length > 60, `${routes.length} routes`)
  for (const jar of jars)
    t.same(await routesThatTell(app, routes, jar, 'application/json'), [], Object.keys(jar).join())
  t.same(await routesThatTell(app, routes, jars[0] ?? {}, 'text/html'), [], 'pages')
  // So that this could fail.
  await visitor.post('/login/code', { code: authenticator.code() })
  const reads = ['/own', '/own/user', '/gate', '/dashboard', '/api/session'].map((url) => ({
    method: 'GET',
    url
  }))
  const told = await routesThatTell(app, reads, visitor.cookies, 'application/json')
  t.equal(told.length, reads.length)
})

const redis = await startRedis(t)
for (const store of ['SQLite', 'Redis'])
  t.test(`the session middleware of Express has no session for it, with ${store} (case 8)`, async (t) => {
    const { app, jars, visitor, authenticator } = await open(
      t,
      store === 'Redis' ? { REDIS_URL: redis.url } : {}
    )
    const settings =
      store === 'Redis' ? { REDIS_URL: redis.url } : { DATABASE_URL: `file:${databaseFile(app)}` }
    const middleware = makeSession(t, { secret, name: 'latchkey', settings })
    const url = await serve(
      t,
      express()
        .use(middleware)
        .get('/', requireUser(), (_req, res) => void res.send('in'))
        .use(tell)
    )
    const ask = async (jar: Jar) => {
      const cookie = Object.entries(jar).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      return (await fetch(url, { headers: { cookie: cookie.join('; ') } })).status
    }
    for (const jar of jars) t.equal(await ask(jar), 401, Object.keys(jar).join())
    t.same(
      await routesThatTell(
        app,
        [
          { method: 'GET', url: '/own' },
          { method: 'GET', url: '/gate' }
        ],
        jars[0] ?? {},
        'text/html'
      ),
      []
    )
    await visitor.post('/login/code', { code: authenticator.code() })
    t.equal(await ask(visitor.cookies), 200)
  })
