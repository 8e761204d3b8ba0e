import type { RequestListener } from 'node:http'
import connect, { type NextHandleFunction } from 'connect'
import express, { type ErrorRequestHandler } from 'express'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { endingOf } from '../../src/endings/logged-endings.ts'
import type { LatchkeyError } from '../../src/errors/errors.ts'
import { requireUser, signedIn, signIn, signOut } from '../../src/express/index.ts'
import type { SessionOptions } from '../../src/express/session.ts'
import { LatchkeyStore } from '../../src/express/store/latchkey-store.ts'
import type { Middleware } from '../../src/express/strict/middleware.ts'
import { sessionReader } from '../../src/sessions/claims.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { longSessions } from '../servers/true-clock.ts'
import { Browser, makeSession, serve } from './web.ts'

const { lifetimes } = readConfig(longSessions)
const day = 24 * 60 * 60 * 1000
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const tell: ErrorRequestHandler = (error, _req, res, _next) => {
  res.status(error.status ?? 500).json({ code: error.code })
}

/** An app with the helpers, with a database that the test can break. */
async function openApp(t: Test, options: Partial<SessionOptions> = {}) {
  const database = await openSqlite(':memory:')
  const sessions = new Sessions({ store: new SqliteStore(database.sqlite), lifetimes, ids: 'hashed' })
  const store = new LatchkeyStore(sessions, async () => {
    await sessions.close()
    await database.close()
  })
  const app = express().use(makeSession(t, { store, ...options }))
  app.post('/login/:name', async (req, res) => {
    const { remember, proofs = 'password' } = req.query
    const kinds = `${proofs}`.split(' ') as ('password' | 'totp')[]
    await signIn(req, req.params.name, { remember: remember !== undefined, proofs: kinds })
    res.send(req.sessionID)
  })
  app.post('/logout', async (req, res) => {
    await signOut(req)
    res.send(typeof req.session)
  })
  app.post('/cart', (req, res) => {
    Reflect.set(req.session, 'cart', ['pear'])
    res.send(req.sessionID)
  })
  app.get('/cart', (req, res) => void res.json(Reflect.get(req.session, 'cart') ?? null))
  app.all('/private', requireUser(), (req, res) => void res.send(Reflect.get(req.session, 'user')))
  app.get(
    '/elsewhere',
    requireUser({ loginUrl: 'https://login.example.org/login' }),
    (_req, res) => void res.end()
  )
  app.get('/recent', requireUser({ within: '3h' }), (_req, res) => void res.send('recent'))
  app.get('/two', requireUser({ factors: 2 }), (_req, res) => void res.send('two'))
  app.get('/all', requireUser({ factors: 'all', within: '3h' }), (_req, res) => void res.send('all'))
  app.get('/confirmed', requireUser({ factors: 2, confirmUrl: '/own' }), (_req, res) => void res.end())
  app.post('/copy', (req, _res, next) => {
    Object.assign(req.session, { accountProofs: { password: Date.now() } })
    next()
  })
  app.post('/copy', requireUser({ within: '3h' }), (_req, res) => void res.send('recent'))
  app.use(tell)
  return { browser: new Browser(await serve(t, app)), sessions, database }
}

t.test(
  'a session that only Passport knows is nobody’s in lists and endings; with `user` it is theirs',
  async (t) => {
    const { browser, sessions } = await openApp(t)
    const alice = { id: 'name:alice', name: 'alice' }
    const reader = sessionReader(lifetimes)
    const opens = async () => (await browser.get('/cart')).body !== 'null'
    const signedIn = async (data: object) => {
      const { body: id } = await browser.submit('/cart')
      const before = await sessions.load(id)
      if (before) await sessions.update(id, { before, after: { ...before, ...data } })
      const { text = '' } = (await sessions.find(id)) ?? {}
      const { sessions: listed } = await sessions.listByUser(alice.id)
      const isWrittenDown = endingOf('key', text, reader) !== undefined
      await sessions.revokeAllOf(alice)
      return { listed: listed.length, isWrittenDown, opens: await opens() }
    }
    t.same(await signedIn({ passport: { user: 'alice' } }), { listed: 0, isWrittenDown: false, opens: true })
    t.equal((await browser.submit('/logout')).status, 200)
    t.equal(await opens(), false, 'a sign-out ends it')
    t.same(await signedIn({ passport: { user: 'alice' }, user: 'alice' }), {
      listed: 1,
      isWrittenDown: true,
      opens: false
    })
  }
)

t.test('requireUser lets signed-in users through', async (t) => {
  const { browser } = await openApp(t)
  await browser.submit('/login/alice')
  t.equal((await browser.get('/private')).body, 'alice')
})

t.test('requireUser sends a browser to sign in, and back afterwards', async (t) => {
  const { browser } = await openApp(t)
  const { status, headers } = await browser.get('/private?page=2', html)
  t.same([status, headers.get('location')], [303, '/login?next=%2Fprivate%3Fpage%3D2'])
  t.equal(
    (await browser.submit('/private', {}, html)).headers.get('location'),
    '/login',
    'a form is not sent twice'
  )
  const long = await browser.get(`/private?${'a'.repeat(5000)}`, html)
  t.equal(long.headers.get('location'), '/login?next=%2Fprivate', 'too long an address loses its query')
  const { headers: elsewhere } = await browser.get('/elsewhere', html)
  t.equal(elsewhere.get('location'), 'https://login.example.org/login?next=%2Felsewhere')
})

t.test('requireUser answers programs through the application’s error handler', async (t) => {
  const { browser } = await openApp(t)
  const { status, body } = await browser.get('/private')
  t.same([status, JSON.parse(body)], [401, { code: 'LATCHKEY_SIGN_IN_REQUIRED' }])
})

t.test('requireUser can demand a recent re-authentication', async (t) => {
  const { browser, sessions } = await openApp(t)
  const { body: id } = await browser.submit('/login/alice')
  t.equal((await browser.get('/recent')).body, 'recent')
  const before = (await sessions.load(id))!
  await sessions.revoke(id)
  await sessions.create(id, { ...before, accountProofs: { password: Date.now() - 4 * 3_600_000 } })
  const { status, body } = await browser.get('/recent')
  t.same([status, JSON.parse(body)], [401, { code: 'LATCHKEY_RECENT_PROOF_REQUIRED' }])
  const copied = await browser.submit('/copy')
  t.same(JSON.parse(copied.body), JSON.parse(body), 'what the app copies into the session proves nothing')
})

t.test('requireUser can demand two factors, and the app says which it has verified', async (t) => {
  const { browser } = await openApp(t)
  await browser.submit('/login/alice')
  const { status, body } = await browser.get('/two')
  t.same([status, JSON.parse(body)], [401, { code: 'LATCHKEY_SECOND_FACTOR_REQUIRED' }])
  const led = async (path: string) => (await browser.get(path, html)).headers.get('location')
  t.equal(await led('/two'), '/confirm?next=%2Ftwo&factors=2')
  t.equal(await led('/confirmed'), '/own?next=%2Fconfirmed&factors=2')
  t.equal((await browser.get('/all')).body, 'all', 'nobody knows of a second one')
  await browser.submit('/login/alice?proofs=password+totp')
  t.equal((await browser.get('/two')).body, 'two')
  t.equal((await browser.get('/all')).body, 'all')
})

t.test('signIn starts a session with a new id and ends the old one', async (t) => {
  const { browser, sessions } = await openApp(t)
  const { body: old } = await browser.submit('/cart')
  const { body: id } = await browser.submit('/login/alice')
  t.not(id, old)
  t.equal(await sessions.load(old), undefined)
  t.equal((await browser.get('/cart')).body, 'null', 'no earlier data is carried over')
  const [listed] = (await sessions.listByUser('name:alice')).sessions
  t.match(listed, { remembered: false, address: /127\.0\.0\.1/ })
})

t.test('signIn with remember lasts as long as the service’s sessions', async (t) => {
  const { browser, sessions } = await openApp(t)
  const before = Date.now()
  const { body: id, cookies } = await browser.submit('/login/alice?remember')
  const after = Date.now()
  const [, expires = ''] = /Expires=([^;]+)/.exec(cookies[0] ?? '') ?? []
  const end = Date.parse(expires)
  t.ok(end > before + 30 * day - 1000 && end <= after + 30 * day, expires)
  t.match(await sessions.load(id), { user: 'alice', remember: true })
})

t.test('if signIn cannot store the new session, the old one stays unchanged', async (t) => {
  const { browser, database } = await openApp(t)
  await browser.submit('/cart')
  database.sqlite.exec(`CREATE TRIGGER full BEFORE INSERT ON sessions BEGIN SELECT raise(FAIL, 'full'); END`)
  const { status, body } = await browser.submit('/login/alice')
  t.same([status, JSON.parse(body)], [503, { code: 'LATCHKEY_STORAGE_UNAVAILABLE' }])
  t.equal((await browser.get('/cart')).body, '["pear"]')
  t.equal((await browser.get('/private')).status, 401)
})

t.test('if signIn cannot end the old session, it stays, and the new one ends', async (t) => {
  const { browser, sessions, database } = await openApp(t)
  const { body: old } = await browser.submit('/cart')
  const when = `WHEN OLD.record LIKE '%pear%'`
  database.sqlite.exec(
    `CREATE TRIGGER stuck BEFORE UPDATE ON sessions ${when} BEGIN SELECT raise(FAIL, 'stuck'); END`
  )
  const { status, cookies } = await browser.submit('/login/alice')
  t.same([status, cookies], [503, []])
  t.equal((await browser.get('/cart')).body, '["pear"]')
  t.ok(await sessions.load(old))
  t.same((await sessions.listByUser('name:alice')).sessions, [])
})

t.test('signOut ends the session and clears the cookie with the attributes it was set with', async (t) => {
  const cookie = { sameSite: 'lax', path: '/' } as const
  const { browser, sessions } = await openApp(t, { name: 'sid', cookie })
  const { body: id } = await browser.submit('/login/alice')
  const { body, cookies } = await browser.submit('/logout')
  t.equal(body, 'undefined')
  t.same(cookies, ['sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax'])
  t.equal(await sessions.load(id), undefined)
})

t.test('signOut changes nothing for a visitor who is not signed in', async (t) => {
  const { browser } = await openApp(t)
  t.equal((await browser.submit('/logout')).status, 200)
})

t.test('the helpers work with any store', async (t) => {
  const app = express().use(makeSession(t))
  app.post('/login', async (req, res) => {
    await signIn(req, 'alice', { remember: true })
    res.end()
  })
  app.get('/private', requireUser(), (_req, res) => void res.send('here'))
  app.post('/logout', async (req, res) => {
    await signOut(req)
    await signOut(req)
    res.end()
  })
  const browser = new Browser(await serve(t, app))
  t.match((await browser.submit('/login')).cookies, [/^connect\.sid=.+Expires=/])
  t.equal((await browser.get('/private')).body, 'here')
  t.match((await browser.submit('/logout')).cookies, [/^connect\.sid=; .*1970/])
  t.equal((await browser.get('/private', html)).status, 303)
})

t.test('a stored cookie with weaker attributes than the options is hardened for good', async (t) => {
  const cookie = { sameSite: 'lax', secure: false } as const
  const { browser, sessions } = await openApp(t, { rolling: true, cookie })
  const { body: id } = await browser.submit('/login/alice')
  const before = (await sessions.load(id))!
  const weak = { originalMaxAge: null, expires: null, httpOnly: false, path: '/' }
  await sessions.update(id, { before, after: { ...before, cookie: weak } })
  t.match((await browser.get('/private')).cookies, [/; HttpOnly; SameSite=Lax$/])
  t.match(await sessions.load(id), { cookie: { httpOnly: true, sameSite: 'lax' } })
})

type Listen = (session: Middleware, app: Middleware) => RequestListener

/** As an app on Node’s own server does it. */
const onNode: Listen = (session, app) => (req, res) => {
  const fail = ({ statusCode, headers }: LatchkeyError) => void res.writeHead(statusCode, headers).end()
  const next = (error?: LatchkeyError) => {
    if (error) fail(error)
    else Reflect.apply(app, undefined, [req, res, fail])
  }
  Reflect.apply(session, undefined, [req, res, next])
}
const onConnect: Listen = (session, app) =>
  connect()
    .use(session as NextHandleFunction)
    .use(app as NextHandleFunction)

for (const [name, listen] of Object.entries({ 'Node’s own server': onNode, Connect: onConnect }))
  t.test(`the helpers need nothing of Express: ${name}`, async (t) => {
    const signals: AbortSignal[] = []
    const { promise: isOpen, resolve: opened } = Promise.withResolvers<void>()
    const app: Middleware = async (req, res, next) => {
      const { pathname } = new URL(req.url, 'http://localhost')
      if (pathname === '/login') await signIn(req, 'alice')
      if (pathname === '/logout') await signOut(req)
      if (pathname === '/live' || pathname === '/open') signals.push(signedIn(req))
      if (pathname === '/open') {
        signals.at(-1)?.addEventListener('abort', () => res.end('over'))
        return opened()
      }
      if (pathname !== '/private') return void res.end()
      requireUser({ loginUrl: '/käse' })(req, res, (error) => (error ? next(error) : res.end('alice’s')))
    }
    const session = makeSession(t, { settings: { DATABASE_URL: 'file::memory:' } })
    const browser = new Browser(await serve(t, listen(session, app)))
    const sent = await browser.get('/private?page=2', html)
    t.same([sent.status, sent.headers.get('vary')], [303, 'Accept'])
    t.equal(sent.headers.get('location'), '/k%C3%A4se?next=%2Fprivate%3Fpage%3D2')
    const refused = await browser.get('/private')
    t.same([refused.status, refused.headers.get('www-authenticate')], [401, 'Session realm="Latchkey"'])

    await browser.get('/login')
    t.equal((await browser.get('/private')).body, 'alice’s')
    await browser.get('/live')
    const open = browser.get('/open')
    await isOpen
    t.match((await browser.get('/logout')).cookies, [/^connect\.sid=; .*Expires=Thu, 01 Jan 1970/])
    t.equal(browser.jar.size, 0)
    t.equal((await open).body, 'over')
    t.same(
      signals.map(({ aborted }) => aborted),
      [false, true],
      'whose response is over hears no more'
    )
  })
