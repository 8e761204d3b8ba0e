import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { alice, build, secret } from '../../build.ts'
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
