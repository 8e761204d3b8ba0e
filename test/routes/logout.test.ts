import t from 'tap'
import { build, countSessions, registerAlice, Visitor } from '../build.ts'

t.test('signing out ends the stored session and clears the cookie', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const old = { ...browser.cookies }

  const response = await browser.submit('/logout')

  t.equal(response.statusCode, 303)
  t.equal(response.headers.location, '/login?signedOut')
  t.match((await browser.get('/login?signedOut')).body, 'You are signed out.')
  t.match(response.cookies, [
    { name: 'latchkey', value: '', maxAge: 0, path: '/', httpOnly: true, sameSite: 'Lax' }
  ])
  t.equal(countSessions(app), 0)
  browser.cookies = old
  t.equal((await browser.get('/dashboard')).statusCode, 303, 'the old cookie opens nothing')
})

t.test('looking at the page changes nothing', async (t) => {
  const browser = await registerAlice(await build(t))
  t.match((await browser.get('/logout')).body, /<form method="post" action="\/logout">/)
  t.equal((await browser.get('/dashboard')).statusCode, 200)
})

t.test('a visitor who is signed out already is told so', async (t) => {
  const app = await build(t)
  const browser = new Visitor(app, 'browser')
  t.match((await browser.get('/logout')).body, 'You are signed out')
  t.equal((await browser.submit('/logout')).statusCode, 303)
})

t.test('no link makes the sign-in page say that somebody is signed out who is not', async (t) => {
  const browser = await registerAlice(await build(t))
  t.equal((await browser.get('/login?signedOut')).headers.location, '/dashboard')
  const stranger = new Visitor(browser.app, 'browser')
  t.notMatch((await stranger.get('/login')).body, 'signed out')
  t.notMatch((await stranger.get('/login?signedOut=You+have+won')).body, 'won')
})

t.test('a program can sign out with JSON', async (t) => {
  const program = await registerAlice(await build(t), 'program')
  t.same((await program.get('/logout')).json(), { user: 'alice' })
  t.same((await program.post('/logout')).json(), { user: null })
  t.equal((await program.get('/dashboard')).statusCode, 401)
})

t.test('an empty body with a JSON content type is accepted', async (t) => {
  const program = await registerAlice(await build(t), 'program')
  const { cookies } = program
  const headers = { 'content-type': 'application/json' }
  t.equal((await program.app.inject({ method: 'POST', url: '/logout', headers, cookies })).statusCode, 200)
})
