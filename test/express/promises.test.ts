import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import t from 'tap'
import type { SessionOptions } from '../../src/express/session.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'
import { Browser, makeSession, serve } from './web.ts'

const dataOf = ({ session }: Request): { user?: string; [key: string]: unknown } => Object(session)

const enter: RequestHandler = (req, res) => {
  dataOf(req).user = 'alice'
  res.cookie('welcome', 'yes').redirect(303, '/who')
}
const who: RequestHandler = (req, res) => {
  res.send(dataOf(req).user ?? 'nobody')
}
const leave: RequestHandler = (req, res) => void req.session.destroy(() => res.send('bye'))
const tell: ErrorRequestHandler = (error, _req, res, _next) => {
  res.status(error.status ?? 500).send(`${error.code}: ${error.message}`)
}

const redis = await startRedis(t)

/** An app over the shared Redis, with the test's additions. */
async function openApp(options: Partial<SessionOptions> = {}, add = (_app: express.Express) => {}) {
  const app = express()
  const settings = { REDIS_URL: redis.url }
  app.use(makeSession(t, { settings, ...options }))
  app.post('/enter', enter)
  app.get('/who', who)
  app.get('/leave', leave)
  add(app)
  app.use(tell)
  const url = await serve(t, app)
  return new Browser(url)
}

t.test('signing out is final, whatever requests in flight do', async (t) => {
  const late: Record<string, RequestHandler> = {
    'only read': who,
    write: (req, res) => {
      dataOf(req).late = true
      res.end()
    },
    save: (req, res) => {
      dataOf(req).late = true
      req.session.save(() => res.end())
    },
    touch: (req, res) => {
      req.session.touch()
      req.session.cookie.maxAge = 60_000
      res.end()
    },
    'take the person to a new session': (req, res) => {
      const { user = '' } = dataOf(req)
      req.session.regenerate(() => {
        dataOf(req).user = user
        res.end()
      })
    },
    'reload and write': (req, res) =>
      void req.session.reload(() => {
        if (req.session) dataOf(req).user = 'alice'
        res.end()
      })
  }
  let go = Promise.withResolvers<void>()
  let started = 0
  const hold: RequestHandler = (_req, _res, next) => {
    started += 1
    go.promise.then(() => next())
  }
  const browser = await openApp({ resave: true, rolling: true }, (app) => {
    for (const [index, handler] of Object.values(late).entries()) app.get(`/late/${index}`, hold, handler)
  })
  for (const [index, what] of Object.keys(late).entries()) {
    await browser.submit('/enter')
    const running = Array.from({ length: 5 }, () => browser.copy())
    const stolen = browser.copy()
    go = Promise.withResolvers()
    started = 0
    const answers = running.map((each) => each.get(`/late/${index}`))
    await eventually('all of them under way', () => started >= running.length)
    await browser.get('/leave')
    go.resolve()
    await Promise.all(answers)
    for (const each of [stolen, ...running]) t.equal((await each.get('/who')).body, 'nobody', what)
  }
})

t.test('a hundred concurrent changes of one session, in two apps, are all kept', async (t) => {
  const add = (app: express.Express) =>
    app
      .post('/keys/:key', async (req, res) => {
        await new Promise(setImmediate)
        dataOf(req)[req.params.key] = true
        res.end()
      })
      .get('/keys', (req, res) => {
        res.json(Object.keys(dataOf(req)).filter((key) => key.startsWith('key-')))
      })
  const browser = await openApp({}, add)
  const elsewhere = await openApp({}, add)
  await browser.submit('/enter')
  const both = [browser.copy(), browser.copy(elsewhere.url)]
  await Promise.all(Array.from({ length: 100 }, (_, index) => both[index % 2]?.submit(`/keys/key-${index}`)))
  t.equal(JSON.parse((await browser.get('/keys')).body).length, 100)
})

t.test('visitors who never sign in cost nothing and get no cookie', async (t) => {
  const browser = await openApp()
  const before = await redis.count()
  for (let visit = 0; visit < 50; visit += 1) t.same((await browser.get('/who')).cookies, [])
  t.equal(await redis.count(), before)
})

t.test('if the session cannot be saved, no response claims that it was', async (t) => {
  const browser = await openApp()
  const inside = await openApp()
  await inside.submit('/enter')
  await redis.configure('maxmemory', '1')
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { status, body, headers, cookies } = await browser.submit('/enter')
    t.equal(status, 503)
    t.match(body, /LATCHKEY_STORAGE_UNAVAILABLE/)
    t.equal(headers.get('location'), null)
    t.same(cookies, [])
  }
  t.equal((await inside.get('/who')).body, 'alice', 'whoever was signed in still is')
  await redis.configure('maxmemory', '0')
  t.equal((await browser.submit('/enter')).status, 303)
  t.equal((await browser.get('/who')).body, 'alice')
})

t.test('strict: false answers as documented, before the save has succeeded', async (t) => {
  const browser = await openApp({ strict: false })
  await redis.configure('maxmemory', '1')
  t.equal((await browser.submit('/enter')).status, 303)
  await redis.configure('maxmemory', '0')
  t.equal((await browser.get('/who')).body, 'nobody')
})

t.test('an unavailable store is an error, not an anonymous visitor', async (t) => {
  const browser = await openApp()
  const plain = await openApp({}, (app) => app.get('/quiet', (_req, res) => void res.send('quiet')))
  await browser.submit('/enter')
  await redis.stop()
  const { status, body, cookies } = await browser.get('/who')
  t.equal(status, 503)
  t.match(body, /LATCHKEY_STORAGE_UNAVAILABLE/)
  t.same(cookies, [], 'the cookie stays')
  t.equal((await plain.get('/quiet')).body, 'quiet', 'without a cookie no store is needed')
  await redis.start()
  const answer = await eventually('an answer', async () => {
    const answer = await browser.get('/who')
    return answer.status !== 503 && answer
  })
  t.equal(answer.body, 'alice', 'it recovers by itself')
})

t.test('unset: destroy ends no session that could not be loaded', async (t) => {
  const settings = { REDIS_URL: redis.url, SESSION_CACHE: '0', SESSION_IDS: 'plain' }
  const browser = await openApp({ unset: 'destroy', settings })
  await browser.submit('/enter')
  const [, id] = /^s:(.+)\./.exec(decodeURIComponent(browser.jar.get('connect.sid') ?? '')) ?? []
  await redis.ask('SET', `sess:${id}`, 'no JSON')
  t.equal((await browser.get('/who')).status, 500)
  t.equal(await redis.ask('EXISTS', `sess:${id}`), 1)
})
