import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { alice, build, Visitor } from '../build.ts'
import { Authenticator } from '../factors/passkeys/authenticator.ts'
import { TestClock } from '../second-factors.ts'

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
