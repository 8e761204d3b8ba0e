import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { asNginx, open, proxied } from '../behind-gate.ts'
import { accountOf, alice, log, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'

/** How often the gate has answered each way. */
async function answersOf(app: FastifyInstance): Promise<Record<string, number>> {
  const text = (await app[services].metrics?.text()) ?? ''
  const lines = text.matchAll(/^latchkey_gate_answers_total\{outcome="(.*?)"\} (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, outcome = '', count]) => [outcome, Number(count)]))
}

/** A program of alice's, by a token for app.example.org. */
async function withToken(t: Test, more: Record<string, string> = {}) {
  const settings = { GATE_HOSTS: 'app.example.org, wiki.example.org', METRICS_TOKEN: secret }
  const { app, browser, ask, signIn, pass } = await open(t, alice.username, settings)
  await signIn()
  const body = { name: 'phone', days: '30', hosts: 'app.example.org', ...more }
  const made = await browser.post('/account/tokens/new', body, {
    headers: { ...proxied, accept: 'application/json' }
  })
  const { token, id } = made.json()
  log.keepSecret(token)
  const program = new Visitor(app, 'program')
  const send = (authorization: string, headers: Record<string, string> = {}) =>
    program.get('/gate', { headers: { ...asNginx, ...headers, authorization } })
  const basic = (name: string, password = token) =>
    `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
  return { app, browser, ask, pass, program, send, basic, token, id }
}

t.test('a program is let in by a token, as the person who made it, and as one factor', async (t) => {
  const { app, send, basic, token, id, browser } = await withToken(t)
  const { id: account } = await accountOf(app)
  await app.latchkey.groups.add('family')
  await app.latchkey.groups.join(account, 'family')
  const named = {
    'x-auth-id': account,
    'remote-user': 'alice',
    'remote-groups': 'family'
  }
  for (const sent of [`Bearer ${token}`, basic('ALICE')]) {
    const answer = await send(sent)
    t.equal(answer.statusCode, 204, sent.slice(0, 6))
    t.match(answer.headers, { ...named, 'x-auth-factors': 'token', 'x-auth-session-age': '' })
    t.same(answer.cookies, [])
  }
  const elsewhere = { 'x-original-url': 'https://wiki.example.org/' }
  t.match((await send(`Bearer ${token}`, elsewhere)).json(), {
    status: 403,
    code: 'LATCHKEY_TOKEN_NOT_ENOUGH'
  })
  t.same(await answersOf(app), { allow: 2, deny: 1 })
  await eventually('the refusal in the trail', async () => {
    const [latest] = await app.latchkey.audit.list(account, 1)
    return latest?.event === 'gate-refused' && t.match(latest, { name: 'alice', detail: 'wiki.example.org' })
  })
  const both = { 'x-forwarded-uri': '/', 'x-forwarded-host': 'wiki.example.org' }
  t.equal((await send(`Bearer ${token}`, both)).statusCode, 403, 'two proxies ask for two apps')
  const browserWith = (authorization: string) =>
    browser.get('/gate', { headers: { ...asNginx, authorization } })
  t.equal(
    (await browserWith(basic('alice', 'of the app'))).headers['x-auth-factors'],
    'password',
    'it is the app’s'
  )
  t.equal((await browserWith('Bearer lk_0')).statusCode, 401, 'no session stands in for a wrong token')

  await app.latchkey.groups.remove('family')
  t.equal((await send(`Bearer ${token}`)).headers['remote-groups'], '')
  await browser.post(`/account/tokens/${id}`, {}, { headers: { ...proxied, accept: 'application/json' } })
  t.match((await send(`Bearer ${token}`)).json(), { code: 'LATCHKEY_TOKEN_REFUSED' }, 'at the next request')
})

t.test('a token that is not right is refused, and guessing is slowed down', async (t) => {
  const { app, send, basic, token, pass } = await withToken(t)
  const wrong = (n: number) => `Bearer lk_${String(n).padStart(40, '0')}`
  t.match((await send(basic('bob'))).json(), { status: 401, code: 'LATCHKEY_TOKEN_REFUSED' }, 'another name')
  const refused = await send(wrong(0))
  t.match(refused.headers['www-authenticate'], 'Bearer realm="Latchkey", error="invalid_token"')
  t.equal(refused.headers['remote-user'], undefined)
  t.equal((await send(`Bearer ${token}`)).statusCode, 204)
  // The same again is no guess.
  for (let n = 0; n < 20; n++) await send(wrong(0))
  let status = 401
  let n = 1
  for (; status === 401 && n < 30; n++) status = (await send(wrong(n))).statusCode
  t.equal(status, 429)
  t.ok(n > 5 && n < 15, `after ${n}`)
  // One of another name, the wrong ones with 21 times the same, and those that were not looked at.
  t.match(await answersOf(app), { allow: 1, throttled: 1, 'token-refused': 1 + 21 + n - 2 })
  t.equal((await send(`Bearer ${token}`)).statusCode, 204, 'whoever was right before goes on')
  await app.latchkey.groups.add('any')
  t.equal((await send(`Bearer ${token}`)).statusCode, 204)
  const other = { 'x-forwarded-for': '198.51.100.7' }
  t.equal((await send(wrong(99), other)).statusCode, 401, 'another network')
  pass(31 * 24 * 3_600_000)
  t.equal((await send(`Bearer ${token}`, other)).statusCode, 401, 'it has expired')
})

t.test('a program that sends nothing is asked for a name and a password, a browser is not', async (t) => {
  const { app } = await open(t)
  const challenge = async (headers: Record<string, string>) =>
    (await app.inject({ url: '/gate', headers: { ...asNginx, accept: '*/*', ...headers } })).headers[
      'www-authenticate'
    ]
  t.equal(await challenge({}), 'Basic realm="Latchkey", charset="UTF-8"')
  t.match(await challenge({ 'sec-fetch-site': 'same-origin' }), 'Session')
  t.match(await challenge({ cookie: 'theme=dark' }), 'Session')
})

t.test('a token opens no page, and for the API it is good only where it was made for it', async (t) => {
  const { app, token, basic, browser } = await withToken(t, { forApi: 'on' })
  const { accounts, groups } = app.latchkey
  const nobody = new Visitor(app, 'program')
  const get = (url: string, authorization: string) =>
    nobody.get(url, { headers: { ...proxied, authorization } })
  for (const authorization of [`Bearer ${token}`, basic('alice')]) {
    for (const url of [
      '/account',
      '/account/sessions',
      '/account/tokens',
      '/confirm',
      '/api/session',
      '/api/sessions'
    ])
      t.equal((await get(url, authorization)).statusCode, 401, url)
    t.match((await get('/api/accounts', authorization)).json(), { code: 'LATCHKEY_ROLE_REQUIRED' })
  }
  const form = { headers: { ...proxied, authorization: `Bearer ${token}` } }
  t.equal((await nobody.post('/account/tokens/new', { name: 'x', days: '1' }, form)).statusCode, 401)
  await groups.add('family')
  await accounts.setRole('alice', 'admin')
  t.match(
    (await get('/api/accounts', `Bearer ${token}`)).json(),
    { accounts: [{ name: 'alice' }] },
    'as she is now'
  )
  t.match((await get('/api/groups', `Bearer ${token}`)).json(), { groups: [{ group: 'family' }] })
  const put = await nobody.put('/api/accounts/alice/groups/family', {}, form)
  t.match(put.json(), { status: 403, code: 'LATCHKEY_TOKEN_NOT_ENOUGH' }, 'no password was verified just now')
  t.match((await get('/api/accounts', 'Bearer lk_')).json(), { code: 'LATCHKEY_TOKEN_REFUSED' })

  await browser.submit('/login', alice, { headers: proxied })
  const json = { headers: { ...proxied, accept: 'application/json' } }
  const made = await browser.post(
    '/account/tokens/new',
    { name: 'app', days: '1', hosts: 'app.example.org' },
    json
  )
  const { token: forApps } = made.json()
  log.keepSecret(forApps)
  t.match((await get('/api/accounts', `Bearer ${forApps}`)).json(), { code: 'LATCHKEY_TOKEN_NOT_ENOUGH' })
  await accounts.disable('alice', { force: true })
  t.match((await get('/api/accounts', `Bearer ${token}`)).json(), { code: 'LATCHKEY_TOKEN_REFUSED' })
})
