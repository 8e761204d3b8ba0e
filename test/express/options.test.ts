import express, { type RequestHandler } from 'express'
import t from 'tap'
import { session } from '../../src/express/index.ts'
import { Browser, keepers, makeSession, open, serve } from './web.ts'

const minute = 60_000
const hit: RequestHandler = (req, res) => {
  const hits = Number(Reflect.get(req.session, 'hits') ?? 0) + 1
  Reflect.set(req.session, 'hits', hits)
  res.send(`${hits}`)
}
const look: RequestHandler = (req, res) => {
  res.send(`${Reflect.get(req.session, 'hits') ?? 'nothing'}`)
}
/** POST counts, GET only reads. */
const hitOrLook: RequestHandler = (req, res, next) => (req.method === 'POST' ? hit : look)(req, res, next)

for (const [keeper, where] of Object.entries(keepers)) {
  t.test(`over ${keeper}`, async (t) => {
    t.test('secret: a string signs and verifies', async (t) => {
      const { browser } = await open(t, { ...where, secret: 'one secret' }, hit)
      await browser.get('/')
      t.equal((await browser.get('/')).body, '2')
      browser.jar.set('connect.sid', `${browser.jar.get('connect.sid')}x`)
      t.equal((await browser.get('/')).body, '1', 'a forged cookie is no session')
    })

    t.test('secret: the first of an array signs and all verify', async (t) => {
      const middleware = makeSession(t, { ...where, secret: ['old'] })
      const { store } = middleware
      const older = new Browser(await serve(t, express().use(middleware, hit)))
      await older.get('/')
      const { browser } = await open(t, { store, secret: ['new', 'old'] }, hit)
      t.equal((await older.copy(browser.url).get('/')).body, '2', 'the old cookie opens the session')
      await browser.get('/')
      const { browser: newer } = await open(t, { store, secret: 'new' }, hit)
      t.equal((await browser.copy(newer.url).get('/')).body, '2', 'the first signed the new one')
    })

    t.test('resave: false does not save an unchanged session', async (t) => {
      const { browser, store } = await open(t, { ...where, resave: false }, hitOrLook)
      await browser.submit('/')
      const sets = countCalls(store, 'set')
      await browser.get('/')
      t.equal(sets(), 0)
      await browser.submit('/')
      t.equal(sets(), 1)
    })

    t.test('resave: true saves an unchanged session', async (t) => {
      const { browser, store } = await open(t, { ...where, resave: true }, hitOrLook)
      await browser.submit('/')
      const sets = countCalls(store, 'set')
      await browser.get('/')
      t.equal(sets(), 1)
    })

    t.test('saveUninitialized: true stores a session without data, false does not', async (t) => {
      const { browser: counted } = await open(t, { ...where, saveUninitialized: true }, look)
      t.equal((await counted.get('/')).cookies.length, 1)
      const { browser, store } = await open(t, { ...where, saveUninitialized: false }, look)
      const sets = countCalls(store, 'set')
      t.same((await browser.get('/')).cookies, [])
      t.equal(sets(), 0)
    })

    t.test('rolling: true sends the cookie with every response of a session', async (t) => {
      const { browser } = await open(t, { ...where, rolling: true, cookie: { maxAge: minute } }, hitOrLook)
      t.same((await browser.get('/')).cookies, [], 'but not without a stored session')
      await browser.submit('/')
      t.equal((await browser.get('/')).cookies.length, 1)
      const { browser: still } = await open(t, { ...where, cookie: { maxAge: minute } }, hitOrLook)
      await still.submit('/')
      t.same((await still.get('/')).cookies, [], 'not by default')
    })

    for (const [unset, left] of [
      ['destroy', 'nothing'],
      ['keep', '1']
    ] as const) {
      t.test(`unset: ${unset}`, async (t) => {
        const { browser } = await open(t, { ...where, unset }, (req, res, next) => {
          if (req.path !== '/unset') return hitOrLook(req, res, next)
          Reflect.set(req, 'session', null)
          res.end()
        })
        await browser.submit('/')
        await browser.get('/unset')
        t.equal((await browser.get('/')).body, left)
      })
    }

    t.test('name: the name of the cookie', async (t) => {
      const { browser } = await open(t, { ...where, name: 'sid' }, hit)
      t.match((await browser.get('/')).cookies, [/^sid=s%3A/])
    })

    t.test('genid: makes the ids from the request', async (t) => {
      const genid = (req: express.Request) => `id-of-${req.path.slice(1)}`
      const { browser } = await open(t, { ...where, genid }, hit)
      t.match((await browser.get('/apple')).cookies, [/^connect\.sid=s%3Aid-of-apple\./])
      t.equal((await browser.get('/pear')).body, '2')
    })

    t.test('proxy: whether X-Forwarded-Proto decides about Secure', async (t) => {
      const https = { 'x-forwarded-proto': 'https' }
      const cookie = { secure: true }
      const { browser: trusting } = await open(t, { ...where, proxy: true, cookie }, hit)
      t.match((await trusting.get('/', https)).cookies, [/; Secure/])
      const { browser: doubting } = await open(t, { ...where, proxy: false, cookie }, hit)
      t.same((await doubting.get('/', https)).cookies, [])
      const { browser, app } = await open(t, { ...where, cookie }, hit)
      t.same((await browser.get('/', https)).cookies, [], 'undefined asks Express, which trusts nobody')
      app.set('trust proxy', 'loopback')
      t.match((await browser.get('/', https)).cookies, [/; Secure/], 'or its trust proxy setting')
    })

    const expected: [string, object, RegExp, RegExp][] = [
      ['no options', {}, /; Path=\/; HttpOnly$/, /Domain|Expires|Secure|SameSite|Priority|Partitioned/],
      ['domain', { domain: 'example.org' }, /; Domain=example\.org/, /never/],
      ['expires', { expires: new Date(Date.now() + minute) }, /; Expires=\w{3}, /, /1970/],
      ['httpOnly: false', { httpOnly: false }, /Path/, /HttpOnly/],
      ['maxAge', { maxAge: minute }, /; Expires=/, /1970/],
      ['partitioned', { partitioned: true }, /; Partitioned/, /never/],
      ['path', { path: '/sub' }, /; Path=\/sub/, /never/],
      ['priority', { priority: 'high' }, /; Priority=High/, /never/],
      ['sameSite: true', { sameSite: true }, /; SameSite=Strict/, /never/],
      ['sameSite: lax', { sameSite: 'lax' }, /; SameSite=Lax/, /never/],
      ['sameSite: none', { sameSite: 'none' }, /; SameSite=None/, /never/],
      ['sameSite: auto', { sameSite: 'auto' }, /; SameSite=Lax/, /never/],
      ['secure: auto', { secure: 'auto' }, /HttpOnly/, /Secure/]
    ]
    for (const [name, cookie, has, hasNot] of expected) {
      t.test(`cookie, ${name}`, async (t) => {
        const { browser } = await open(t, { ...where, cookie }, hit)
        const [header = ''] = (await browser.get('/sub')).cookies
        t.match(header, has)
        t.notMatch(header, hasNot)
      })
    }

    t.test('cookie: a function is called for every request', async (t) => {
      const cookie = (req: express.Request) => ({ path: req.path, maxAge: minute })
      const { browser } = await open(t, { ...where, cookie }, hit)
      t.match((await browser.get('/one')).cookies, [/Path=\/one; Expires=/])
    })

    t.test('cookie.path: other paths have no session', async (t) => {
      const { browser } = await open(t, { ...where, cookie: { path: '/app' } }, (req, res) => {
        res.send(typeof req.session)
      })
      t.equal((await browser.get('/app/page')).body, 'object')
      t.equal((await browser.get('/elsewhere')).body, 'undefined')
    })

    t.test('it is Connect middleware and works on a bare http.Server', async (t) => {
      const middleware = makeSession(t, where)
      const url = await serve(t, (req, res) =>
        Reflect.apply(middleware, undefined, [
          req,
          res,
          () => {
            const session = Reflect.get(req, 'session')
            session.hits = (session.hits ?? 0) + 1
            res.writeHead(200, { 'set-cookie': 'own=1' })
            res.write('hits: ')
            res.end(`${session.hits}`)
          }
        ])
      )
      const browser = new Browser(url)
      const first = await browser.get('/')
      t.equal(first.body, 'hits: 1')
      t.match(first.cookies, [/^own=1/, /^connect\.sid=/])
      t.equal((await browser.get('/')).body, 'hits: 2')
    })

    t.test('if mounted twice the second one does nothing', async (t) => {
      const middleware = makeSession(t, where)
      const app = express().use(middleware, makeSession(t, { secret: 'another' }), hit)
      const browser = new Browser(await serve(t, app))
      t.equal((await browser.get('/')).cookies.length, 1)
      t.equal((await browser.get('/')).body, '2')
    })
  })
}

t.test('store: any express-session store works', async (t) => {
  const store = new session.MemoryStore()
  const { browser } = await open(t, { store }, hit)
  await browser.get('/')
  t.equal((await browser.get('/')).body, '2')
  t.equal(Object.keys(Reflect.get(store, 'sessions')).length, 1)
})

t.test('store: without one and without settings it is the documented MemoryStore', async (t) => {
  t.ok(makeSession(t).store instanceof session.MemoryStore)
})

t.test('options that express-session refuses are refused', async (t) => {
  const refused = (options: object, message: RegExp) => {
    t.throws(() => session({ secret: 'x', resave: false, saveUninitialized: false, ...options }), { message })
  }
  refused({ genid: 'no' }, /genid option must be a function/)
  refused({ unset: 'no' }, /unset option must be/)
  refused({ secret: [] }, /secret option array must contain/)
  refused({ settings: { SESSION_IDLE: 'soon' } }, /SESSION_IDLE is "soon"/)
})

t.test('a request without a secret is an error', async (t) => {
  const { browser } = await open(t, { secret: undefined as never }, hit)
  const { status, body } = await browser.get('/')
  t.equal(status, 500)
  t.match(body, /secret option required for sessions/)
})

/** Counts calls of a store's method from now on. */
function countCalls(store: object, method: string): () => number {
  const original = Reflect.get(store, method)
  let calls = 0
  Reflect.set(store, method, function (this: object, ...args: unknown[]) {
    calls += 1
    return Reflect.apply(original, this, args)
  })
  return () => calls
}
