import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { alice, build, countSessions, registerAlice, Visitor } from '../build.ts'

const minute = 60_000
const proof = { password: alice.password }

/** A service with a page that requires re-authentication within ten minutes, and a clock. */
async function open(t: Parameters<typeof build>[0]) {
  let time = Date.now()
  const app = await build(t, {
    now: () => time,
    routes: (app: FastifyInstance) => {
      app.route({
        method: ['GET', 'POST'],
        url: '/vault',
        handler: async (request) => {
          const { name } = await request.requireUser({ within: '10m' })
          return { opened: name }
        }
      })
      app.post('/vault/empty', async (request) => request.requireUser({ within: '10m' }))
      app.post('/cart', async ({ session }) => Reflect.set(session, 'cart', ['shoes']))
      app.get('/cart', async ({ session }) => Reflect.get(session, 'cart'))
    }
  })
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { app, pass }
}

t.test('a re-authentication is valid for the requested time, to the second', async (t) => {
  const { app, pass } = await open(t)
  const browser = await registerAlice(app)
  pass(10 * minute)
  t.equal((await browser.get('/vault')).statusCode, 200)
  pass(1000)
  t.equal((await browser.get('/vault')).headers.location, '/confirm?next=%2Fvault')
  t.equal((await browser.submit('/vault')).headers.location, '/confirm?next=%2Fvault', 'to its form')
  t.equal((await browser.submit('/vault/empty')).headers.location, '/confirm', 'without a form')
  t.equal((await browser.get('/dashboard')).statusCode, 200, 'other pages are not affected')
})

t.test('a program is told with a code and can re-authenticate', async (t) => {
  const { app, pass } = await open(t)
  const program = await registerAlice(app, 'program')
  pass(11 * minute)
  const refused = await program.get('/vault')
  t.match(refused.json(), { status: 401, code: 'LATCHKEY_RECENT_PROOF_REQUIRED' })
  t.same((await program.get('/confirm')).json(), { user: 'alice' })
  t.match((await program.post('/confirm', { password: 'wrong' })).json(), {
    status: 401,
    code: 'LATCHKEY_WRONG_CREDENTIALS'
  })
  t.same((await program.post('/confirm', proof)).json(), { user: 'alice' })
  t.equal((await program.get('/vault')).statusCode, 200)
})

t.test('a browser comes back to the page it wanted', async (t) => {
  const { app, pass } = await open(t)
  const browser = await registerAlice(app)
  pass(11 * minute)
  const { body } = await browser.get('/confirm?next=%2Fvault')
  t.match(body, 'name="next" value="/vault"')
  t.match(body, 'autocomplete="current-password"')
  const wrong = await browser.submit('/confirm', { password: 'wrong', next: '/vault' })
  t.equal(wrong.statusCode, 401)
  t.match(wrong.body, 'That is not your password.')
  t.match(wrong.body, 'name="next" value="/vault"')
  t.equal((await browser.submit('/confirm', { ...proof, next: '/vault' })).headers.location, '/vault')
  t.equal((await browser.get('/vault')).statusCode, 200)
  t.equal(
    (await browser.submit('/confirm', { ...proof, next: '//evil.example' })).headers.location,
    '/dashboard'
  )
})

t.test('re-authentication replaces the id and keeps the session’s data', async (t) => {
  const { app, pass } = await open(t)
  const browser = await registerAlice(app)
  await browser.submit('/login', { ...alice, remember: 'on' })
  await browser.submit('/cart')
  const old = { ...browser.cookies }
  pass(11 * minute)

  const { cookies } = await browser.submit('/confirm', proof)

  t.not(browser.cookies.latchkey, old.latchkey)
  t.ok(cookies[0]?.expires, 'still remembered')
  t.same((await browser.get('/cart')).json(), ['shoes'])
  t.equal(countSessions(app), 1)
  browser.cookies = old
  t.equal((await browser.get('/dashboard')).statusCode, 303)
})

t.test('signing out during a re-authentication is final', async (t) => {
  const app = await build(t, { env: { PASSWORD_HASH: 'm=65536,t=3,p=1' } })
  const browser = await registerAlice(app)
  const other = new Visitor(app, 'browser')
  other.cookies = { ...browser.cookies }

  const proving = browser.submit('/confirm', proof)
  t.equal((await other.submit('/logout')).statusCode, 303)

  t.equal((await proving).headers.location, '/login?next=%2Fconfirm')
  t.notOk((await proving).headers['set-cookie'])
  t.equal(countSessions(app), 0)
})

t.test('a visitor who is not signed in is sent to sign in', async (t) => {
  const { app } = await open(t)
  const browser = new Visitor(app, 'browser')
  t.equal(
    (await browser.get('/confirm?next=%2Fvault')).headers.location,
    '/login?next=%2Fconfirm%3Fnext%3D%252Fvault'
  )
  t.equal((await browser.submit('/confirm', proof)).headers.location, '/login?next=%2Fconfirm')
  t.equal((await browser.get('/vault')).headers.location, '/login?next=%2Fvault')
})
