import type { FastifyInstance } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { alice, build, databaseFile, registerAlice, Visitor } from '../build.ts'
import { codeOf } from '../factors/examples.ts'
import { Authenticator } from '../factors/passkeys/authenticator.ts'
import { TestClock } from '../second-factors.ts'

const minute = 60_000
const json = { headers: { accept: 'application/json' } }

/** A service that wants two factors of everybody, and alice, who has one. */
async function start(t: Parameters<typeof build>[0], env = {}) {
  const clock = new TestClock()
  const app = await build(t, { env: { SECOND_FACTOR: 'everybody', ...env }, now: clock.now })
  await app.latchkey.accounts.add(alice)
  const browser = new Visitor(app, 'browser')
  const { location } = (await browser.submit('/login', { ...alice, next: '/account' })).headers
  t.equal(location, '/login/setup')
  const codeOf = (key: string) =>
    TOTP.generate({ secret: Secret.fromBase32(key.replaceAll(' ', '')), timestamp: clock.time })
  return { app, browser, codeOf }
}

t.test('codes are set up before there is a session, which then has two factors', async (t) => {
  const { app, browser, codeOf } = await start(t)
  t.match((await browser.get('/login/setup')).body, 'You are signing in as alice.')
  const { key, enrolment } = (await browser.get('/login/setup', json)).json()
  const wrong = await browser.submit('/login/setup', { enrolment, code: '000000' })
  t.equal(wrong.statusCode, 400)
  t.match(wrong.body, key, 'the same key is shown again')
  t.equal((await browser.get('/account')).statusCode, 303, 'nobody is signed in')

  const done = await browser.submit('/login/setup', { enrolment, code: codeOf(key) })
  t.equal(done.body.match(/<code>([\dA-Z]{4}-){5}[\dA-Z]{4}</g)?.length, 10)
  t.match(done.body, 'href="/account"', 'and leads to where the sign-in was to lead')
  t.equal((await browser.get('/account')).statusCode, 200)
  t.equal((await browser.get('/account/security/app')).statusCode, 200, 'both were proved')
  t.equal((await browser.get('/login/setup')).headers.location, '/login', 'once')
  const next = new Visitor(app, 'browser')
  t.equal((await next.submit('/login', alice)).headers.location, '/login/code')
  t.equal((await next.get('/login/setup')).headers.location, '/login/code')
  t.equal(
    (await next.submit('/login/setup', { enrolment, code: codeOf(key) })).headers.location,
    '/login/code'
  )
})

t.test('so is a passkey', async (t) => {
  const { browser } = await start(t)
  const { passkey } = (await browser.get('/login/setup', json)).json()
  t.match((await browser.submit('/login/setup', { credential: '{}' })).body, 'That passkey was not accepted.')
  const authenticator = new Authenticator({ verifies: false })
  const done = await browser.post('/login/setup', { credential: authenticator.create(passkey) }, json)
  t.equal(done.json().recoveryCodes.length, 10)
  t.equal((await browser.get('/account')).statusCode, 200)
})

t.test(
  'nobody sets one up without the password, and passkeys are offered only where they work',
  async (t) => {
    const { app, browser } = await start(t)
    const visitor = new Visitor(app, 'browser')
    t.equal((await visitor.get('/login/setup')).headers.location, '/login')
    t.equal((await visitor.get('/login/setup', json)).statusCode, 401)
    t.equal((await visitor.submit('/login/setup', { code: '000000' })).headers.location, '/login')
    const { body } = await browser.get('/login/setup', { headers: { host: '127.0.0.1' } })
    t.match(body, '<svg class="qr"')
    t.notMatch(body, 'passkey')
  }
)

async function open(t: Parameters<typeof build>[0], SECOND_FACTOR: string, file?: string) {
  const clock = new TestClock()
  const app = await build(t, {
    env: { REGISTRATION: 'open', SECOND_FACTOR, ...(file && { DATABASE_URL: `file:${file}` }) },
    now: clock.now,
    routes: (app: FastifyInstance) => {
      app.get('/two', (request) => request.requireUser({ factors: 2 }))
      app.post('/cart', async ({ session }) => Reflect.set(session, 'cart', ['shoes']))
      app.get('/cart/mine', async (request) => {
        await request.requireUser()
        return Reflect.get(request.session, 'cart')
      })
    }
  })
  return { app, clock }
}

/** Fills in the page that sets codes up. */
async function setUp(browser: Visitor, clock: TestClock, code?: string) {
  const { body } = await browser.get('/login/setup')
  const [, enrolment = ''] = /name="enrolment" value="([^"]+)"/.exec(body) ?? []
  const [, key = ''] = /<code>([A-Z2-7 ]+)<\/code>/.exec(body) ?? []
  return browser.submit('/login/setup', {
    enrolment,
    code: code ?? codeOf(key.replaceAll(' ', ''), clock.time)
  })
}

t.test('whoever registers comes to where it wanted after the second factor', async (t) => {
  const { app, clock } = await open(t, 'everybody')
  const browser = new Visitor(app, 'browser')
  const registered = await browser.submit('/register', { ...alice, next: '/two' })
  t.equal(registered.headers.location, '/login/setup')
  t.notOk('latchkey' in browser.cookies, 'nobody is signed in')
  t.match((await setUp(browser, clock)).body, 'href="/two"')
  t.equal((await browser.get('/two')).statusCode, 200)
})

t.test('sessions of before are asked at their next use, and go on', async (t) => {
  const { app: before } = await open(t, 'optional')
  const old = await registerAlice(before)
  await old.submit('/cart')
  const { app, clock } = await open(t, 'everybody', databaseFile(before))
  const browser = new Visitor(app, 'browser')
  browser.cookies = { ...old.cookies }

  const place = '/confirm?next=%2Fcart%2Fmine&factors=2'
  t.equal((await browser.get('/cart/mine')).headers.location, place)
  t.match((await browser.get('/cart/mine', json)).json(), { code: 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP' })
  t.equal((await browser.get('/account/sessions/all')).statusCode, 200, 'ending sessions takes one factor')
  t.equal((await browser.get(place)).headers.location, '/login/setup', 'the password is recent')
  t.match((await setUp(browser, clock)).body, 'href="/cart/mine"')
  t.same((await browser.get('/cart/mine', json)).json(), ['shoes'], 'it is the same session')
})

t.test('an app that asks for two factors leads whoever has one to set up another', async (t) => {
  const { app, clock } = await open(t, 'optional')
  const browser = await registerAlice(app)
  clock.pass(11 * minute)
  const place = '/confirm?next=%2Ftwo&factors=2'
  t.equal((await browser.get('/two')).headers.location, place)
  const asks = await browser.get(place)
  t.match(asks.body, 'Enter your password first.')
  t.notMatch(asks.body, 'name="code"')
  const form = { password: alice.password, factors: '2', next: '/two' }
  t.equal((await browser.submit('/confirm', form)).headers.location, place)
  t.equal((await browser.get(place)).headers.location, '/login/setup')
  await setUp(browser, clock)
  t.equal((await browser.get('/two')).statusCode, 200)
})

t.test('what begins in a session ends with it, and becomes no other session', async (t) => {
  const { app, clock } = await open(t, 'optional')
  const browser = await registerAlice(app)
  const thief = new Visitor(app, 'browser')
  thief.cookies = { ...browser.cookies }
  t.equal((await thief.get('/confirm?factors=2')).headers.location, '/login/setup')
  const { key, enrolment } = (await thief.get('/login/setup', json)).json()
  await browser.submit('/logout')
  const code = codeOf(key.replaceAll(' ', ''), clock.time)
  const late = await thief.submit('/login/setup', { enrolment, code })
  t.equal(late.headers.location, '/login')
  t.equal((await thief.get('/dashboard')).statusCode, 303, 'nobody is signed in')
  t.equal((await browser.submit('/login', alice)).headers.location, '/dashboard', 'nothing was set up')
})

t.test('SECOND_FACTOR=admins asks administrators alone, sessions of before too', async (t) => {
  const { app, clock } = await open(t, 'admins')
  const user = await registerAlice(app)
  t.equal((await user.get('/dashboard')).statusCode, 200)
  await app.latchkey.accounts.add({ ...alice, username: 'root' }, 'admin')
  const admin = new Visitor(app, 'program')
  const refused = await admin.post('/login', { ...alice, username: 'root' })
  t.match(refused.json(), { status: 401, code: 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP', methods: [] })
  const { key, enrolment, uri } = (await admin.get('/login/setup')).json()
  t.match(uri, /^otpauth:\/\/totp\//)
  const code = codeOf(key.replaceAll(' ', ''), clock.time)
  t.match((await admin.post('/login/setup', { enrolment, code: '000000' })).json(), { status: 400 })
  t.equal((await admin.post('/login/setup', { enrolment, code })).json().recoveryCodes.length, 10)
  t.equal((await admin.get('/dashboard')).statusCode, 200)
  t.equal((await admin.get('/api/accounts')).statusCode, 200)
})
