// group: work-done
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { commandsOf } from '../servers/commands-of.ts'
import { eventually } from '../servers/eventually.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { startSlowProxy } from '../servers/slow-proxy.ts'
import { none, type WorkDone, workDoneBy } from '../work-done.ts'

// After what counts: some packages take what they need of crypto when they are loaded.
const { open } = await import('../express/web.ts')
const { accountOf, alice, build, registerAlice, secret, Visitor } = await import('../build.ts')

const requests = 50
/** Its title and the greeting: other texts were rendered when the views were compiled. */
const aPage = { ...none, said: 2 * requests }

const rules = `
- { host: 127.0.0.1, path: /admin, who: admin, factors: 2 }
- 127.0.0.1: [friends, family]
`
/** As a proxy asks the gate; nobody else reads these. */
const headers = {
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-host': '127.0.0.1',
  'x-forwarded-method': 'GET',
  'x-forwarded-uri': '/notes?page=2'
}

function routes(app: FastifyInstance) {
  app.get('/fixed', async (request) => `for ${(await request.requireUser()).name}`)
  app.get('/grouped', async (request) => (await request.requireUser({ group: ['staff', 'FAMILY'] })).name)
  app.get('/count', async ({ id, session }) => Reflect.set(session, 'lastRequest', id))
}

/** How many requests had a session object made. */
function countSessionObjects(app: FastifyInstance) {
  let made = 0
  app.addHook('onResponse', async ({ sessionObject }) => {
    if (sessionObject) made += 1
  })
  return () => made
}

async function settle(t: Test, env: Record<string, string>) {
  let sessionObjects = () => 0
  const folder = t.testdir({ 'gate.yaml': rules })
  const gate = { PUBLIC_URL: 'http://127.0.0.1', GATE_HOSTS: '127.0.0.1', TRUST_PROXY: 'loopback' }
  const files = { GATE_RULES: `${folder}/gate.yaml`, DATABASE_URL: `file:${folder}/latchkey.db` }
  const app = await build(t, {
    env: { ...gate, ...files, ...env, LOG_LEVEL: 'info' },
    routes: (app) => {
      sessionObjects = countSessionObjects(app)
      routes(app)
    }
  })
  const browser = await registerAlice(app)
  const { groups } = app.latchkey
  await groups.add('Family')
  await groups.join((await accountOf(app)).id, 'family')
  return { app, sessionObjects, browser }
}

async function settleOnRedis(t: Test) {
  const redis = await startRedis(t)
  const proxy = await startSlowProxy(t, redis.port)
  const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}`, SESSION_SECRET: secret }
  return { redis, proxy, ...(await settle(t, env)) }
}

async function many(visit: () => Promise<{ statusCode: number }>, t: Test): Promise<void> {
  const codes = new Set<number>()
  for (let n = 0; n < requests; n++) codes.add((await visit()).statusCode)
  t.match([...codes], [/^20[04]$/])
}

interface Expected {
  readonly commands: Record<string, number>
  readonly work?: WorkDone
}

/**
 * Visits cost this in Redis and in the process. A process that was stalled asks Redis again, as it may be on a
 * busy machine: so they are counted until there are some without a stall.
 */
async function costs(redis: RedisServer, expected: Expected, visits: () => Promise<void>): Promise<void> {
  await eventually(`visits that cost ${JSON.stringify(expected)}`, async () => {
    let work: WorkDone | undefined
    const commands = await commandsOf(redis, async () => {
      work = await workDoneBy(visits)
    })
    const cost = expected.work ? { commands, work } : { commands }
    if (!isDeepStrictEqual(cost, expected)) throw new Error(`They cost ${JSON.stringify(cost)}`)
    return true
  })
}

t.test('in Redis', async (t) => {
  const { redis, proxy, sessionObjects, browser, app } = await settleOnRedis(t)
  const readOf = (url: string) => () => browser.get(url, { headers })

  for (const [url, work] of [
    ['/dashboard', aPage],
    ['/fixed', none],
    ['/grouped', none],
    ['/gate', none]
  ] as const) {
    const made = sessionObjects()
    await costs(redis, { commands: {}, work }, () => many(readOf(url), t))
    t.equal(sessionObjects(), made, `${url} creates no session object`)
  }

  await t.test('a visitor without a cookie sends Redis nothing either', async (t) => {
    const nobody = new Visitor(app, 'browser')
    await nobody.get('/login')
    const commands = await commandsOf(redis, async () => {
      const { statements, ...work } = await workDoneBy(() => many(() => nobody.get('/login'), t))
      t.same({ ...work, statements: 0 }, aPage)
      t.ok(
        statements < requests,
        `asks ${statements} times whether there is an account yet, at most once a second`
      )
    })
    t.same(commands, {})
  })

  await t.test('each change of a session is one command and one round trip', async (t) => {
    await browser.get('/count')
    const inScript = { get: requests, set: requests, pexpiretime: requests }
    let trips = 0
    await costs(redis, { commands: { evalsha: requests, ...inScript } }, async () => {
      const before = proxy.roundTrips(0)
      await many(readOf('/count'), t)
      trips = proxy.roundTrips(0) - before
    })
    // A follower of endings looks for new ones four times a second.
    t.ok(trips < 1.2 * requests, `${trips} round trips`)
    // What was written is cached.
    await costs(redis, { commands: {} }, async () => void (await browser.get('/dashboard')))
  })

  await t.test('signing in stores the session in one round trip', async (t) => {
    const trips: number[] = []
    for (let n = 0; n < 5; n += 1) {
      const before = proxy.roundTrips(0)
      const { statusCode } = await new Visitor(app, 'browser').submit('/login', alice)
      t.equal(statusCode, 303)
      trips.push(proxy.roundTrips(0) - before)
    }
    // The median: a heartbeat may share the packet of a command.
    t.equal(trips.sort()[2], 1)
  })
})

t.test('with the embedded database no read runs a statement', async (t) => {
  const { sessionObjects, browser } = await settle(t, {})
  // Registration goes on for a moment after its answer, with writes of its own.
  await many(() => browser.get('/dashboard'), t)
  await browser.get('/gate', { headers })
  const made = sessionObjects()
  t.same(await workDoneBy(() => many(() => browser.get('/dashboard'), t)), aPage)
  for (const url of ['/grouped', '/gate']) {
    const { statements } = await workDoneBy(() => many(() => browser.get(url, { headers }), t))
    t.equal(statements, 0, url)
  }
  t.equal(sessionObjects(), made)
})

t.test('in an Express app', async (t) => {
  const redis = await startRedis(t)
  const where = { settings: { REDIS_URL: redis.url } }
  const { app, browser } = await open(t, where, (req, res) => {
    if (req.path === '/enter') Object.assign(req.session, { user: 'alice' })
    res.send(req.path === '/public' ? 'for all' : `for ${Reflect.get(req.session, 'user')}`)
  })
  // Express would hash the page.
  app.disable('etag')
  await browser.get('/enter')
  const visit = (path: string) => async () => ({ statusCode: (await browser.get(path)).status })
  const perPath = { '/public': none, '/': { ...none, written: requests } }
  for (const [path, expected] of Object.entries(perPath)) {
    await costs(redis, { commands: {}, work: expected }, () => many(visit(path), t))
  }
})
