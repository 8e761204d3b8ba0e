import t from 'tap'
import { accountOf, alice, build, log, Visitor } from '../../build.ts'
import { ApiClient } from './api-client.ts'

t.test('a user lists, makes and ends tokens, and nobody else does', async (t) => {
  let time = Date.now()
  const env = {
    GATE_HOSTS: 'app.example.org',
    COOKIE_DOMAIN: 'example.org',
    PUBLIC_URL: 'http://example.org'
  }
  const app = await build(t, { env: { ...env, TRUST_PROXY: 'loopback' }, now: () => time })
  await app.latchkey.accounts.add(alice)
  await app.latchkey.accounts.add({ ...alice, username: 'bob' })
  const [client, bob, nobody] = [new ApiClient(t, app), new ApiClient(t, app), new ApiClient(t, app)]
  await client.post('/api/session', alice)
  await bob.post('/api/session', { ...alice, username: 'bob' })
  t.same((await client.get('/api/tokens')).json(), { tokens: [] })

  const asked = { tokenName: ' backup ', days: 30, hosts: ['APP.example.org'], forApi: true }
  const made = await client.post('/api/tokens', asked)
  t.equal(made.statusCode, 201)
  const { secret, token } = made.json()
  log.keepSecret(secret)
  t.match(secret, /^lk_/)
  const gate = (authorization: string) =>
    new Visitor(app, 'program').get('/gate', {
      headers: { authorization, 'x-original-url': 'http://app.example.org/', 'x-forwarded-for': '192.0.2.1' }
    })
  t.equal((await gate(`Bearer ${secret}`)).statusCode, 204)

  const listed = (await client.get('/api/tokens')).json()
  t.match(listed, {
    tokens: [{ token, tokenName: 'backup', hosts: ['app.example.org'], forApi: true, isExpired: false }]
  })
  t.notMatch(JSON.stringify(listed), secret, 'shown once')
  t.equal(Date.parse(listed.tokens[0].expiresAt), time + 30 * 24 * 3_600_000)
  for (const wrong of [
    { hosts: ['wiki.example.net'] },
    { hosts: [] },
    { tokenName: '' },
    { days: 367 },
    { days: 0.5 }
  ])
    t.equal((await client.post('/api/tokens', { ...asked, forApi: false, ...wrong })).statusCode, 400)

  t.same((await bob.get('/api/tokens')).json(), { tokens: [] })
  t.equal((await bob.delete(`/api/tokens/${token}`)).statusCode, 404, 'another user’s')
  t.equal((await nobody.get('/api/tokens')).statusCode, 401)
  t.equal((await nobody.post('/api/tokens', asked)).statusCode, 401)
  for (const method of ['GET', 'POST'] as const) {
    const headers = { authorization: `Bearer ${secret}` }
    const payload = method === 'POST' ? asked : undefined
    const { statusCode } = await app.inject({
      method,
      url: '/api/tokens',
      headers,
      ...(payload && { payload })
    })
    t.equal(statusCode, 401, `a token manages no tokens: ${method}`)
  }

  time += 601_000
  t.equal((await client.get('/api/tokens')).statusCode, 200)
  t.match((await client.post('/api/tokens', asked)).json(), { code: 'LATCHKEY_RECENT_PROOF_REQUIRED' })
  t.match((await client.delete(`/api/tokens/${token}`)).json(), { code: 'LATCHKEY_RECENT_PROOF_REQUIRED' })
  await client.post('/api/session/proof', { password: alice.password })
  t.equal((await client.delete(`/api/tokens/${token}`)).statusCode, 204)
  t.equal((await client.delete(`/api/tokens/${token}`)).statusCode, 404)
  t.equal((await gate(`Bearer ${secret}`)).statusCode, 401, 'at the next request')
  const { id } = await accountOf(app)
  const events = (await app.latchkey.audit.list(id, 10)).filter(({ event }) => event.startsWith('token-'))
  t.match(events, [
    { event: 'token-end', detail: 'backup' },
    { event: 'token-make', detail: 'backup' }
  ])
})
