import t from 'tap'
import { build, countSessions, registerAlice, secret, Visitor } from '../build.ts'

t.test('visitors who never sign in cost no stored session and get no cookie', async (t) => {
  const app = await build(t)
  for (const url of ['/', '/login', '/register', '/dashboard', '/logout', '/nothing']) {
    const response = await new Visitor(app, 'browser').get(url)
    t.same(response.cookies, [], url)
  }
  t.equal(countSessions(app), 0)
})

t.test('reading does not send the cookie again', async (t) => {
  const browser = await registerAlice(await build(t))
  t.same((await browser.get('/dashboard')).cookies, [])
})

t.test('what a route puts into the session is there at the next request', async (t) => {
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

t.test('a cookie signed with an older secret still counts', async (t) => {
  const older = 'an older secret of at least 32 characters'
  const database = { DATABASE_URL: `file:${t.testdir()}/shared.db` }
  const before = await build(t, { env: { ...database, SESSION_SECRET: older } })
  const browser = await registerAlice(before)

  const after = new Visitor(
    await build(t, { env: { ...database, SESSION_SECRET: `${secret},${older}` } }),
    'browser'
  )
  after.cookies = browser.cookies
  t.equal((await after.get('/dashboard')).statusCode, 200)

  const without = new Visitor(await build(t, { env: { ...database, SESSION_SECRET: secret } }), 'browser')
  without.cookies = browser.cookies
  t.equal((await without.get('/dashboard')).statusCode, 303)
})

t.test('a session ends when it was idle too long, and at its lifetime whatever happens', async (t) => {
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
