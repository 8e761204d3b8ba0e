import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { alice, build, countSessions, registerAlice, Visitor } from '../build.ts'
import { setUpCodes, TestClock } from '../second-factors.ts'

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

t.test('what is missing is asked for, and nothing else', async (t) => {
  const clock = new TestClock()
  const app = await build(t, {
    now: clock.now,
    routes: (app: FastifyInstance) => {
      app.get('/two', (request) => request.requireUser({ factors: 2, within: '10m' }))
      app.get('/all', (request) => request.requireUser({ factors: 'all', within: '10m' }))
    }
  })
  await registerAlice(app)
  const authenticator = await setUpCodes(app, clock)
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  await browser.submit('/login/code', { code: authenticator.code() })
  t.equal((await browser.get('/all')).statusCode, 200)

  clock.pass(11 * minute)
  const place = '/confirm?next=%2Ftwo&factors=2&within=10m'
  t.equal((await browser.get('/two')).headers.location, place)
  t.equal((await browser.get('/all')).headers.location, place.replace('two', 'all'))
  const asks = async () => {
    const { body } = await browser.get(place)
    return ['password', 'code'].filter((name) => body.includes(`id="${name}"`))
  }
  t.same(await asks(), ['password', 'code'])
  const form = { next: '/two', factors: '2', within: '10m' }
  t.equal((await browser.submit('/confirm', form)).statusCode, 400, 'nothing is no proof')
  const wrong = await browser.submit('/confirm', { ...form, ...proof, code: '000000' })
  t.match(wrong.body, 'That code does not work.')
  t.same(await asks(), ['password', 'code'], 'and the password does not count alone')
  await browser.submit('/confirm', { ...form, ...proof })
  t.same(await asks(), ['code'])
  const proved = await browser.submit('/confirm', { ...form, code: authenticator.code() })
  t.equal(proved.headers.location, place, 'which leads on')
  t.equal((await browser.get(place)).headers.location, '/two')
  t.equal((await browser.get('/two')).statusCode, 200)

  clock.pass(11 * minute)
  const [recovery = ''] = authenticator.recoveryCodes
  const replaced = await browser.submit('/confirm', { ...form, ...proof, code: recovery })
  t.match(replaced.body, /<code>([0-9A-Z]{4}-){5}[0-9A-Z]{4}/, 'a recovery code is a second factor')
  t.equal((await browser.get('/two')).statusCode, 200)
})

t.test('who has proved a recovery code alone is not shown the one that replaces it', async (t) => {
  const clock = new TestClock()
  const app = await build(t, { now: clock.now })
  await app.latchkey.accounts.add(alice)
  const authenticator = await setUpCodes(app, clock)
  const program = new Visitor(app, 'program')
  await program.post('/login', { ...alice, remember: true, code: authenticator.code() })
  const [first = '', second = ''] = authenticator.recoveryCodes
  t.match((await program.post('/confirm', { code: first })).json(), { user: 'alice', recoveryCode: /-/ })
  clock.pass(25 * 60 * minute)
  for (const path of ['/confirm', '/api/session/proof']) {
    const alone = await program.post(path, { code: second })
    t.match(alone.json(), { code: 'LATCHKEY_RECENT_PROOF_REQUIRED', methods: ['password'] }, path)
  }
  const both = await program.post('/confirm', { ...proof, code: second })
  t.match(both.json(), { recoveryCode: /-/ }, 'it was not spent')
})

t.test('to change the password takes all factors, to end sessions one', async (t) => {
  const clock = new TestClock()
  const app = await build(t, { now: clock.now })
  const browser = await registerAlice(app)
  t.equal((await browser.get('/account/password')).statusCode, 200, 'with a password alone as before')
  clock.pass(11 * minute)
  t.equal((await browser.get('/account/password')).statusCode, 200, 'which the form asks for')
  const authenticator = await setUpCodes(app, clock)
  await browser.submit('/login', alice)
  await browser.submit('/login/code', { code: authenticator.code() })
  t.equal((await browser.get('/account/password')).statusCode, 200)
  clock.pass(11 * minute)
  for (const path of ['/account/password', '/account/remove']) {
    const next = encodeURIComponent(path)
    t.equal((await browser.get(path)).headers.location, `/confirm?next=${next}&factors=2&within=10m`)
  }
  const change = { current: alice.password, password: 'three quite new words' }
  t.match((await browser.submit('/account/password', change)).headers.location, '/confirm?')
  await browser.submit('/confirm', proof)
  t.equal((await browser.get('/account/sessions/all')).statusCode, 200, 'without the phone')
  t.equal((await browser.get('/account/remove')).statusCode, 303)
  await browser.submit('/confirm', { code: authenticator.code() })
  t.equal((await browser.submit('/account/password', change)).headers.location, '/account')
})
