import t from 'tap'
import { accountOf, alice, build, countSessions, registerAlice, secret, Visitor } from '../build.ts'

t.test('signing in always creates a new id and ends the old session', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const old = { ...browser.cookies }

  await browser.submit('/login', { username: 'alice', password: 'correct horse battery' })

  t.not(browser.cookies.latchkey, old.latchkey)
  t.equal(countSessions(app), 1)
  t.equal((await browser.get('/dashboard')).statusCode, 200)
  browser.cookies = old
  t.equal((await browser.get('/dashboard')).statusCode, 303)
})

t.test('an app with its own sign-in cannot sign in a disabled account', async (t) => {
  const app = await build(t, {
    routes: (app) =>
      app.post('/by-other-means', async (_request, reply) => {
        await reply.signIn((await app.latchkey.accounts.find('alice')) ?? { name: 'guest', role: 'user' })
        return {}
      })
  })
  const program = new Visitor(app, 'program')
  t.equal((await program.post('/by-other-means')).statusCode, 200, 'no account is needed here')
  await app.latchkey.accounts.add(alice)
  t.equal((await program.post('/by-other-means')).statusCode, 200)
  await app.latchkey.accounts.disable('alice')
  t.match((await program.post('/by-other-means')).json(), { code: 'LATCHKEY_SIGN_IN_UNDONE' })
  t.equal((await program.get('/dashboard')).statusCode, 401)
  t.same((await app.latchkey.sessions.listByUser((await accountOf(app)).id)).sessions, [])
})

t.test('an id chosen by somebody else is never accepted', async (t) => {
  const app = await build(t)
  await registerAlice(app)
  const browser = new Visitor(app, 'browser')
  browser.cookies = { latchkey: 's:planted.signature' }
  const { cookies } = await browser.submit('/login', { username: 'alice', password: 'correct horse battery' })
  t.notMatch(cookies[0]?.value, 'planted')
  t.equal((await browser.get('/dashboard')).statusCode, 200)
})

t.test('over plain http an https service explains why signing in is impossible', async (t) => {
  const env = { PUBLIC_URL: 'https://login.example.org', SESSION_SECRET: secret, REGISTRATION: 'open' }
  const app = await build(t, { env })
  const response = await new Visitor(app, 'program').post('/register', {
    username: 'alice',
    password: 'correct horse battery'
  })
  t.match(response.json(), { status: 400, code: 'LATCHKEY_INSECURE_CONNECTION', detail: /TRUST_PROXY/ })
  t.same(response.cookies, [])
  t.same(await app.latchkey.accounts.list(), [], 'no account is left behind without a sign-in')
  t.equal((await new Visitor(app, 'program').post('/login', alice)).statusCode, 401)
  await app.latchkey.accounts.add(alice)
  t.equal((await new Visitor(app, 'program').post('/login', alice)).statusCode, 400)
})

t.test('over https the cookie is Secure and bound to the host, even when it is cleared', async (t) => {
  const env = { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback', REGISTRATION: 'open' }
  const app = await build(t, { env })
  const browser = new Visitor(app, 'browser')
  const headers = { 'x-forwarded-proto': 'https' }

  const signedIn = await browser.submit(
    '/register',
    { username: 'alice', password: 'correct horse battery' },
    { headers }
  )
  const signedOut = await browser.submit('/logout', {}, { headers })

  const attributes = { name: '__Host-latchkey', secure: true, httpOnly: true, sameSite: 'Lax', path: '/' }
  t.match(signedIn.cookies, [attributes])
  t.match(signedOut.cookies, [{ ...attributes, value: '', maxAge: 0 }])
})

t.test('signing in without “stay signed in” drops an earlier choice to stay signed in', async (t) => {
  const browser = await registerAlice(await build(t))
  await browser.submit('/login', { ...alice, remember: 'on' })
  const { cookies } = await browser.submit('/login', alice)
  const session = cookies.find(({ name }) => name === 'latchkey')
  t.ok(session)
  t.notOk(session?.expires)
})
