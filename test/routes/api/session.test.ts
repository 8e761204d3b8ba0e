import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { alice, build, secret } from '../../build.ts'
import { setUpCodes, TestClock } from '../../second-factors.ts'
import { ApiClient } from './api-client.ts'

const minute = 60_000

t.test('a program can sign in, ask who it is, re-authenticate and sign out', async (t) => {
  let time = Date.now()
  const app = await build(t, { now: () => time })
  await app.latchkey.accounts.add(alice, 'admin')
  const client = new ApiClient(t, app)

  const signedIn = await client.post('/api/session', { ...alice, remember: true })
  t.match(signedIn.json(), { user: 'alice', role: 'admin', remembered: true, proofAgeSeconds: 0 })
  time += 11 * minute
  const session = (await client.get('/api/session')).json()
  t.match(session, { session: signedIn.json().session, proofAgeSeconds: 660 })
  t.equal(Date.parse(session.seenAt) - Date.parse(session.startedAt), 11 * minute)

  t.match((await client.delete('/api/sessions')).json(), {
    status: 401,
    code: 'LATCHKEY_RECENT_PROOF_REQUIRED'
  })
  t.match((await client.post('/api/session/proof', { password: 'wrong' })).json(), {
    code: 'LATCHKEY_WRONG_CREDENTIALS'
  })
  const proved = await client.post('/api/session/proof', { password: alice.password })
  t.match(proved.json(), { user: 'alice', role: 'admin', remembered: true, proofAgeSeconds: 0 })
  t.equal(proved.json().session, session.session, 'it is the same session')

  t.equal((await client.delete('/api/session')).statusCode, 204)
  t.equal(client.visitor.cookies.latchkey, undefined)
  t.match((await client.get('/api/session')).json(), { code: 'LATCHKEY_SIGN_IN_REQUIRED' })
  t.equal((await client.delete('/api/session')).statusCode, 204, 'as often as one likes')
})

t.test('a program signs in with a second factor, in one request or in two', async (t) => {
  const clock = new TestClock()
  const app = await build(t, { now: clock.now })
  await app.latchkey.accounts.add(alice)
  const authenticator = await setUpCodes(app, clock)
  const client = new ApiClient(t, app)
  const signedIn = await client.post('/api/session', { ...alice, code: authenticator.code() })
  t.match(signedIn.json(), { user: 'alice', proofs: ['password', 'totp'], recoveryCode: undefined })

  const refused = await client.post('/api/session', alice)
  const methods = ['totp', 'recovery']
  t.match(refused.json(), { status: 401, code: 'LATCHKEY_SECOND_FACTOR_REQUIRED', methods })
  t.match((await client.post('/api/session/code', { code: '000000' })).json(), {
    code: 'LATCHKEY_WRONG_CODE'
  })
  const [code = ''] = authenticator.recoveryCodes
  const completed = await client.post('/api/session/code', { code })
  t.match(completed.json(), { proofs: ['password', 'recovery'], recoveryCode: /^[0-9A-Z-]{29}$/ })
  t.match((await client.post('/api/session/code', { code })).json(), { code: 'LATCHKEY_SIGN_IN_REQUIRED' })

  clock.pass(11 * minute)
  const change = { current: alice.password, password: 'three quite new words' }
  t.match((await client.put('/api/password', change)).json(), { code: 'LATCHKEY_SECOND_FACTOR_REQUIRED' })
  t.match((await client.post('/api/session/proof')).json(), { status: 400 })
  const proved = await client.post('/api/session/proof', { code: authenticator.code() })
  t.match(proved.json(), { proofs: ['password', 'totp', 'recovery'], proofAgeSeconds: 0 })
  t.equal((await client.put('/api/password', change)).statusCode, 200)
})

t.test('identifying a user reads only their own session, however many they have', async (t) => {
  const app = await build(t, { env: { METRICS_TOKEN: secret } })
  await app.latchkey.accounts.add(alice)
  const client = new ApiClient(t, app)
  await client.post('/api/session', alice)
  t.equal((await client.get('/api/session')).statusCode, 200)
  await client.post('/api/session/proof', { password: alice.password })
  t.notMatch((await app[services].metrics?.text()) ?? '', 'operation="page"')
  await client.get('/api/sessions')
  t.match((await app[services].metrics?.text()) ?? '', 'operation="page"')
})

t.test('guessing is throttled', async (t) => {
  const client = new ApiClient(t, await build(t))
  let answer = await client.post('/api/session', alice)
  while (answer.statusCode === 401) answer = await client.post('/api/session', alice)
  t.match(answer.json(), { status: 429, code: 'LATCHKEY_THROTTLED' })
  t.ok(Number(answer.headers['retry-after']) > 0)
})

t.test('errors have a stable code, for browsers too', async (t) => {
  const app = await build(t)
  const client = new ApiClient(t, app)
  t.match((await client.post('/api/session', alice)).json(), { code: 'LATCHKEY_WRONG_CREDENTIALS' })
  t.match((await client.post('/api/session', { username: 'alice' })).json(), {
    status: 400,
    code: 'LATCHKEY_BAD_INPUT',
    detail: /password/
  })
  const headers = { accept: 'text/html' }
  const { headers: answered } = await client.visitor.get('/api/session', { headers })
  t.equal(answered['content-type'], 'application/problem+json; charset=utf-8')
  const elsewhere = { 'sec-fetch-site': 'cross-site' }
  t.equal((await client.visitor.delete('/api/session', { headers: elsewhere })).statusCode, 403)
})
