import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { alice, build, countSessions, registerAlice, secret, Visitor } from '../build.ts'

t.test('visitors who never sign in store no session and get no cookie', async (t) => {
  const app = await build(t)
  for (const url of ['/', '/login', '/register', '/dashboard', '/logout', '/nothing']) {
    const response = await new Visitor(app, 'browser').get(url)
    t.same(response.cookies, [], url)
  }
  t.equal(countSessions(app), 0)
})

t.test('the cookie is far below every browser’s limit', async (t) => {
  const address = { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback' }
  const env = { ...address, SESSION_SECRET: secret, REGISTRATION: 'open' }
  const app = await build(t, { env })
  const browser = new Visitor(app, 'browser')
  const longest = { username: 'ế'.repeat(64), password: `${alice.password} ${'ế'.repeat(200)}` }
  await browser.submit('/register', longest, { headers: { 'x-forwarded-proto': 'https' } })
  const name = '__Host-latchkey'
  const value = browser.cookies[name]
  t.ok(value)
  t.ok(Buffer.byteLength(`${name}${value}`) < 200)
})

t.test('reading does not send the cookie again', async (t) => {
  const browser = await registerAlice(await build(t))
  t.same((await browser.get('/dashboard')).cookies, [])
})

t.test('session data set by a route is there in the next request', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.post('/count', async ({ session }) => {
        const seen = Number(Reflect.get(session, 'seen') ?? 0) + 1
        Reflect.set(session, 'seen', seen)
        return { seen }
      })
    }
  })
  const visitor = new Visitor(app, 'program')
  t.same((await visitor.post('/count')).json(), { seen: 1 })
  t.same((await visitor.post('/count')).json(), { seen: 2 })
})

t.test('a change sends the cookie unless the browser has it, or if it has a date', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/count', async ({ id, session }) => Reflect.set(session, 'lastRequest', id))
      app.get('/strict', async ({ id, session }) => {
        Reflect.set(session, 'lastRequest', id)
        session.options({ sameSite: 'strict' })
      })
    }
  })
  const cookiesOf = async (browser: Visitor, path: string) => (await browser.get(path)).cookies.length
  const browser = new Visitor(app, 'browser')
  t.equal(await cookiesOf(browser, '/count'), 1, 'a new session')
  t.equal(await cookiesOf(browser, '/count'), 0, 'the browser has it')
  t.match((await browser.get('/strict')).cookies, [{ sameSite: 'Strict' }], 'another one')

  const remembered = await registerAlice(app)
  t.equal(await cookiesOf(remembered, '/count'), 0)
  await remembered.submit('/login', { ...alice, remember: 'on' })
  t.equal(await cookiesOf(remembered, '/count'), 1, 'its date moves along')
})

t.test('a change made while a session is being saved is not lost', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/change', async ({ session }) => {
        Reflect.set(session, 'seen', 1)
        const saved = session.save()
        Reflect.set(session, 'seen', 2)
        await saved
      })
      app.get('/seen', async ({ session }) => ({ seen: Reflect.get(session, 'seen') }))
    }
  })
  const browser = await registerAlice(app, 'program')
  await browser.get('/change')
  t.same((await browser.get('/seen')).json(), { seen: 2 })
})

t.test('a cookie signed with an older secret is valid, and is signed again with the first', async (t) => {
  const older = 'an older secret of at least 32 characters'
  const database = { DATABASE_URL: `file:${t.testdir()}/shared.db` }
  const visit = async (SESSION_SECRET: string, cookies: Record<string, string>) => {
    const visitor = new Visitor(await build(t, { env: { ...database, SESSION_SECRET } }), 'browser')
    visitor.cookies = { ...cookies }
    const { statusCode } = await visitor.get('/dashboard')
    return { statusCode, cookies: visitor.cookies }
  }
  const before = await registerAlice(await build(t, { env: { ...database, SESSION_SECRET: older } }))

  const rotated = await visit(`${secret},${older}`, before.cookies)
  t.equal(rotated.statusCode, 200)
  t.not(rotated.cookies.latchkey, before.cookies.latchkey)
  t.equal((await visit(`${secret},${older}`, rotated.cookies)).statusCode, 200)
  t.equal((await visit(secret, rotated.cookies)).statusCode, 200, 'the old secret is no longer needed')
  t.equal((await visit(secret, before.cookies)).statusCode, 303)
})

t.test('signing the cookie of a remembered session again keeps it persistent', async (t) => {
  const older = 'an older secret of at least 32 characters'
  const database = { DATABASE_URL: `file:${t.testdir()}/shared.db` }
  const before = await registerAlice(await build(t, { env: { ...database, SESSION_SECRET: older } }))
  await before.submit('/login', { ...alice, remember: 'on' })
  const after = new Visitor(
    await build(t, { env: { ...database, SESSION_SECRET: `${secret},${older}` } }),
    'browser'
  )
  after.cookies = before.cookies
  t.ok((await after.get('/dashboard')).cookies[0]?.expires)
})

t.test('an invalid cookie is cleared with the attributes it was set with', async (t) => {
  const app = await build(t, { env: { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback' } })
  const browser = new Visitor(app, 'browser')
  browser.cookies = { '__Host-latchkey': 's:dead.cookie' }
  const { headers } = await browser.get('/login', { headers: { 'x-forwarded-proto': 'https' } })
  t.match(headers['set-cookie'], /^__Host-latchkey=; Max-Age=0; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/)
})

t.test('each use extends a short idle time too', async (t) => {
  let now = Date.now()
  const browser = await registerAlice(await build(t, { now: () => now, env: { SESSION_IDLE: '5s' } }))
  for (let second = 0; second < 20; second += 1) {
    now += 1000
    t.equal((await browser.get('/dashboard')).statusCode, 200)
  }
  now += 5000
  t.equal((await browser.get('/dashboard')).statusCode, 303)
})

t.test('the lifetimes decide, not the date in a stored cookie', async (t) => {
  const database = { DATABASE_URL: `file:${t.testdir()}/shared.db`, SESSION_SECRET: secret }
  const before = await registerAlice(await build(t, { env: { ...database, REMEMBER_LIFETIME: '1s' } }))
  await before.submit('/login', { ...alice, remember: 'on' })
  const file = `${database.DATABASE_URL.slice('file:'.length)}`
  const sessions = new DatabaseSync(file)
  sessions.exec(
    "UPDATE sessions SET record = json_set(record, '$.cookie.expires', '2001-01-01T00:00:00.000Z')"
  )
  sessions.close()
  t.equal((await before.get('/dashboard')).statusCode, 200)
  t.equal(countSessions(before.app), 1)
})

t.test('a session ends after its idle time, and after its lifetime in any case', async (t) => {
  let now = Date.now()
  const app = await build(t, { now: () => now, env: { SESSION_IDLE: '10m', SESSION_LIFETIME: '25m' } })
  const browser = await registerAlice(app)
  const afterMinutes = async (minutes: number) => {
    now += minutes * 60_000
    return (await browser.get('/dashboard')).statusCode
  }
  t.equal(await afterMinutes(9), 200)
  t.equal(await afterMinutes(9), 200)
  t.equal(await afterMinutes(8), 303, 'past the lifetime')
  await browser.submit('/login', { username: 'alice', password: 'correct horse battery' })
  t.equal(await afterMinutes(9), 200)
  t.equal(await afterMinutes(11), 303, 'idle')
})
