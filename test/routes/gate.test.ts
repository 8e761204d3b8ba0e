import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { signedInCookies } from '../../src/testing.ts'
import { accountOf, alice, build, databaseFile, log, secret, Visitor } from '../build.ts'
import { setUpCodes, TestClock } from '../second-factors.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'

const env = {
  PUBLIC_URL: 'https://login.example.org',
  TRUST_PROXY: 'loopback',
  COOKIE_DOMAIN: 'example.org',
  GATE_HOSTS: 'app.example.org'
}
const proxied = {
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'app.example.org'
}
const asNginx = { ...proxied, 'x-original-url': 'https://app.example.org/notes?page=2&order=desc' }
const asTraefik = { ...proxied, 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/notes?page=2&order=desc' }
const way = `https://login.example.org/login?next=${encodeURIComponent(asNginx['x-original-url'])}`

function storedSessions(app: FastifyInstance) {
  const database = new DatabaseSync(databaseFile(app), { readOnly: true })
  const rows = database.prepare('SELECT * FROM sessions').all()
  database.close()
  return rows
}

async function open(t: Test, name = alice.username) {
  let time = Date.now()
  const app = await build(t, { env, now: () => time })
  await app.latchkey.accounts.add({ ...alice, username: name })
  const browser = new Visitor(app, 'browser')
  const ask = (headers: Record<string, string>, visitor = browser) => visitor.get('/gate', { headers })
  const signIn = () => browser.submit('/login', { ...alice, username: name }, { headers: proxied })
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { app, browser, ask, signIn, pass }
}

t.test('a signed-in user is named with the age of the authentication', async (t) => {
  const { app, ask, signIn, pass } = await open(t)
  await signIn()
  pass(61_500)
  for (const headers of [asNginx, asTraefik, {}]) {
    const answer = await ask(headers)
    t.equal(answer.statusCode, 204)
    t.equal(answer.headers['x-auth-id'], (await accountOf(app)).id)
    t.equal(answer.headers['remote-user'], 'alice')
    t.equal(answer.headers['x-auth-session-age'], '61')
    t.equal(answer.headers['cache-control'], 'no-store')
    t.equal(answer.body, '')
    t.same(answer.cookies, [])
  }
})

t.test('a name with non-ASCII characters is percent-encoded', async (t) => {
  const { ask, signIn } = await open(t, 'Jürgen')
  await signIn()
  t.equal((await ask(asNginx)).headers['remote-user'], 'J%C3%BCrgen')
})

t.test('groups are named, percent-encoded, with commas between', async (t) => {
  const { app, ask, signIn } = await open(t)
  const { groups } = app.latchkey
  const { id } = await accountOf(app)
  await signIn()
  const named = async () => (await ask(asNginx)).headers['remote-groups']
  t.equal(await named(), '', 'none')
  for (const group of ['Zürich', 'a,b%20', 'a.b+c@d']) {
    await groups.add(group)
    await groups.join(id, group)
  }
  t.equal(await named(), 'a%2Cb%2520,a.b+c@d,Z%C3%BCrich')
  t.equal(
    (await ask(asNginx, new Visitor(app, 'browser'))).headers['remote-groups'],
    undefined,
    'nobody is let in'
  )
  await groups.remove('A,B%20')
  t.equal(await named(), 'a.b+c@d,Z%C3%BCrich', 'as it is now')
})

/** A program of alice's, by a token for app.example.org. */
async function withToken(t: Test, more: Record<string, string> = {}) {
  const { app, browser, ask, signIn, pass } = await open(t)
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

t.test('for nginx a missing sign-in is a 401 with the sign-in address', async (t) => {
  const { ask } = await open(t)
  const { statusCode, headers, body } = await ask(asNginx)
  t.equal(statusCode, 401)
  t.equal(headers.location, way)
  t.equal(headers['remote-user'], undefined)
  t.match(JSON.parse(body), { code: 'LATCHKEY_SIGN_IN_REQUIRED' })
})

t.test('through Traefik and Caddy a browser is sent to sign in and comes back', async (t) => {
  const { ask, browser } = await open(t)
  const { statusCode, headers } = await ask(asTraefik)
  t.equal(statusCode, 303)
  t.equal(headers.location, way)

  const path = way.slice(env.PUBLIC_URL.length)
  const page = await browser.get(path, { headers: proxied })
  const [, next] = /name="next" value="([^"]+)"/.exec(page.body) ?? []
  t.equal(next?.replaceAll('&amp;', '&'), asNginx['x-original-url'])
  const form = { ...alice, next: asNginx['x-original-url'] }
  t.equal((await browser.submit('/login', form, { headers: proxied })).headers.location, form.next)
  t.equal((await browser.get(path, { headers: proxied })).headers.location, form.next, 'signed in already')
})

t.test('an app can demand a re-authentication, and the browser comes back', async (t) => {
  const { browser, signIn, ask, pass } = await open(t)
  await signIn()
  pass(600_000)
  t.equal((await ask(asNginx)).headers['x-auth-session-age'], '600')
  const form = { password: alice.password, next: asNginx['x-original-url'] }
  t.equal((await browser.submit('/confirm', form, { headers: proxied })).headers.location, form.next)
  t.equal((await ask(asNginx)).headers['x-auth-session-age'], '0')
})

t.test('the Content-Security-Policy lets the sign-in form lead to the apps', async (t) => {
  const { browser } = await open(t)
  const policy = (await browser.get('/login')).headers['content-security-policy']
  t.match(policy, /form-action 'self' https:\/\/app\.example\.org;/)
})

t.test('a form is not sent again: the way back leads to the start page of its app', async (t) => {
  const { ask } = await open(t)
  const { headers } = await ask({ ...asTraefik, 'x-forwarded-method': 'POST' })
  t.equal(
    headers.location,
    `https://login.example.org/login?next=${encodeURIComponent('https://app.example.org/')}`
  )
  t.equal((await ask({ ...asTraefik, 'x-forwarded-method': 'HEAD' })).headers.location, way)
})

t.test('a program gets a 401 without a redirect', async (t) => {
  const { app, ask } = await open(t)
  const program = new Visitor(app, 'program')
  for (const headers of [asNginx, asTraefik]) {
    const answer = await ask(headers, program)
    t.equal(answer.statusCode, 401)
    t.equal(answer.headers.location, undefined)
  }
})

t.test('no redirect leads to or back from a host outside the gate', async (t) => {
  const { ask } = await open(t)
  for (const headers of [
    { ...asNginx, 'x-original-url': 'https://evil.example/' },
    { ...asNginx, 'x-original-url': 'javascript:alert(1)' },
    { ...asTraefik, 'x-forwarded-host': 'evil.example' },
    { ...asTraefik, 'x-forwarded-host': 'app.example.org@evil.example' },
    { ...asTraefik, 'x-forwarded-proto': 'http' },
    { ...asTraefik, 'x-forwarded-uri': '.evil.example/' },
    { ...asTraefik, 'x-forwarded-uri': '@evil.example/' },
    proxied
  ]) {
    const { statusCode, headers: sent } = await ask(headers)
    t.equal(statusCode, 401, JSON.stringify(headers))
    t.equal(sent.location, undefined)
  }
})

t.test('headers from a proxy outside TRUST_PROXY are ignored', async (t) => {
  const app = await build(t, { env: { ...env, TRUST_PROXY: '192.0.2.77' } })
  const browser = new Visitor(app, 'browser')
  for (const headers of [asNginx, asTraefik]) {
    const { statusCode, headers: sent } = await browser.get('/gate', { headers })
    t.equal(statusCode, 401)
    t.equal(sent.location, undefined)
  }
})

const app = 'https://app.example.org'
const upgrades: Record<string, string>[] = [
  { upgrade: 'websocket', connection: 'Upgrade' },
  { 'sec-fetch-mode': 'websocket' },
  { 'sec-websocket-version': '13' }
]

t.test('a page of another origin opens no WebSocket with the session', async (t) => {
  const { ask, signIn } = await open(t)
  await signIn()
  for (const upgrade of upgrades) {
    for (const asProxy of [asNginx, asTraefik]) {
      for (const [headers, status] of [
        [{ origin: app }, 204],
        [{ origin: app, 'sec-fetch-site': 'same-origin' }, 204],
        [{}, 204],
        [{ origin: 'https://wiki.example.org' }, 403],
        [{ origin: 'https://wiki.example.org', 'sec-fetch-site': 'same-site' }, 403],
        [{ origin: 'https://login.example.org' }, 403],
        [{ origin: 'http://app.example.org' }, 403],
        [{ origin: 'https://app.example.org:8443' }, 403],
        [{ origin: 'null' }, 403],
        [{ 'sec-fetch-site': 'cross-site' }, 403]
      ] as [Record<string, string>, number][]) {
        const { statusCode, body } = await ask({ ...asProxy, ...upgrade, ...headers })
        t.equal(statusCode, status, JSON.stringify({ ...upgrade, ...headers }))
        if (status === 403) t.equal(JSON.parse(body).code, 'LATCHKEY_CROSS_SITE')
      }
    }
    t.equal((await ask({ ...upgrade, origin: app })).statusCode, 403, 'the proxy does not say for which app')
  }
  t.equal(
    (await ask({ ...asNginx, origin: 'https://wiki.example.org' })).statusCode,
    204,
    'any other request'
  )
})

t.test('a WebSocket may be opened by a page of TRUSTED_ORIGINS', async (t) => {
  const service = await build(t, { env: { ...env, TRUSTED_ORIGINS: 'https://wiki.example.org' } })
  await service.latchkey.accounts.add(alice)
  const browser = new Visitor(service, 'browser')
  await browser.submit('/login', alice, { headers: proxied })
  const headers = { ...asNginx, upgrade: 'websocket', origin: 'https://wiki.example.org' }
  t.equal((await browser.get('/gate', { headers })).statusCode, 204)
})

t.test('a check changes nothing: it creates no session and writes nothing', async (t) => {
  const { app, ask, signIn, browser } = await open(t)
  await ask(asNginx)
  await ask(asTraefik)
  t.same(storedSessions(app), [])
  await signIn()
  const before = storedSessions(app)
  for (let i = 0; i < 3; i++) await ask(asNginx)
  t.same(storedSessions(app), before)
  await browser.submit('/logout', {}, { headers: proxied })
  t.equal((await ask(asNginx)).statusCode, 401)
})

t.test('without its session store the gate admits nobody and signs nobody out', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, { env: { ...env, REDIS_URL: redis.url, SESSION_SECRET: secret } })
  await app.latchkey.accounts.add(alice)
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice, { headers: proxied })
  await redis.stop()
  for (const headers of [asNginx, asTraefik]) {
    const answer = await browser.get('/gate', { headers })
    t.equal(answer.statusCode, 503)
    t.match(answer.json(), { code: 'LATCHKEY_STORAGE_UNAVAILABLE' })
    t.same(answer.cookies, [])
  }
})

/** Where the gate leads, or its status. */
function led({ statusCode, headers }: { statusCode: number; headers: Record<string, unknown> }) {
  const { location } = headers
  return typeof location === 'string' ? new URL(location).pathname : statusCode
}

const atFirst = `
- { host: app.example.org, path: /admin, who: admin }
- { host: app.example.org, path: /pay, within: 10m }
- { host: app.example.org, path: /public, who: anybody }
- app.example.org: family
`

t.test('rules decide, and who is refused is told why', async (t) => {
  const folder = t.testdir({ 'gate.yaml': atFirst })
  const rules = join(folder, 'gate.yaml')
  let time = Date.now()
  const DATABASE_URL = `file:${folder}/latchkey.db`
  const app = await build(t, { env: { ...env, DATABASE_URL, GATE_RULES: rules }, now: () => time })
  await app.latchkey.accounts.add(alice)
  const { id } = await accountOf(app)
  const [browser, program, visitor] = [
    new Visitor(app, 'browser'),
    new Visitor(app, 'program'),
    new Visitor(app, 'browser')
  ]
  for (const each of [browser, program]) await each.submit('/login', alice, { headers: proxied })
  const at = (uri: string, by: Visitor, more: Record<string, string> = {}) =>
    by.get('/gate', { headers: { ...asTraefik, 'x-forwarded-uri': uri, ...more } })
  const nginx = (uri: string, by: Visitor) =>
    by.get('/gate', {
      headers: { ...proxied, 'x-original-url': `https://app.example.org${uri}`, 'x-forwarded-method': 'GET' }
    })

  t.test('who may not pass is led to a page, and programs get problem+json', async (t) => {
    t.equal(led(await at('/', browser)), '/refused')
    t.equal(led(await at('/', visitor)), '/login')
    t.equal(led(await at('/public/x', visitor)), 204)
    t.equal((await at('/public/x', visitor)).headers['remote-user'], '')
    t.equal((await at('/public/x', browser)).headers['remote-user'], 'alice')
    t.match((await at('/', program)).json(), { status: 403, code: 'LATCHKEY_NOT_ALLOWED' })
    const { statusCode, headers } = await nginx('/x?y', browser)
    t.equal(statusCode, 403)
    t.equal(
      headers.location,
      `https://login.example.org/refused?next=${encodeURIComponent('https://app.example.org/x?y')}`
    )
  })

  t.test('the page says as whom, and lets somebody else sign in and come back', async (t) => {
    const next = 'https://app.example.org/x'
    const page = await browser.get(`/refused?next=${encodeURIComponent(next)}`, { headers: proxied })
    t.equal(page.statusCode, 403)
    t.match(page.body, 'app.example.org is not open to alice.')
    const anonymous = await visitor.get(`/refused?next=${encodeURIComponent(next)}`, { headers: proxied })
    t.match(anonymous.body, /app\.example\.org is not open to visitors\..*href="\/login\?next=https/s)
    const foreign = await browser.get('/refused?next=https://evil.example/', { headers: proxied })
    t.equal(foreign.statusCode, 403)
    t.notMatch(foreign.body, 'evil')
    const other = new Visitor(app, 'browser')
    await other.submit('/login', alice, { headers: proxied })
    const { headers } = await other.submit('/logout', { next }, { headers: proxied })
    t.equal(headers.location, `/login?next=${encodeURIComponent(next)}`)
    t.equal(led(await at('/', other)), '/login')
    await other.submit('/login', alice, { headers: proxied })
    const evil = await other.submit('/logout', { next: 'https://evil.example/' }, { headers: proxied })
    t.equal(evil.headers.location, '/login?signedOut')
  })

  t.test('a refusal is recorded once a minute for each host', async (t) => {
    const refusals = async () =>
      (await app.latchkey.audit.list(id, 50)).filter(({ event }) => event === 'gate-refused')
    await eventually('the refusals of above', async () => (await refusals()).length === 1)
    t.match(await refusals(), [{ name: 'alice', detail: 'app.example.org' }])
    time += 61_000
    for (let i = 0; i < 3; i++) await at('/', program)
    await eventually('the next ones', async () => (await refusals()).length === 2)
    t.match((await refusals())[0]?.session, /./)
    time += 61_000
    const asked = { name: 'phone', hosts: 'app.example.org', forApi: false, days: 1 }
    const made = await app[services].tokens.make(id, asked)
    if (!made.ok) throw made.error
    log.keepSecret(made.token)
    const bob = new Visitor(app, 'browser')
    await app.latchkey.accounts.add({ ...alice, username: 'bob' })
    await bob.submit('/login', { ...alice, username: 'bob' }, { headers: proxied })
    t.equal((await at('/', bob, { authorization: `Bearer ${made.token}` })).statusCode, 303)
    await eventually('that of the token', async () => (await refusals()).length === 3)
    t.match((await refusals())[0], { name: 'alice', session: undefined }, 'the session is bob’s')
  })

  t.test('a change of a group or a role counts at the next request', async (t) => {
    const { groups } = app[services]
    await groups.add('family')
    await groups.join(id, 'Family')
    t.equal(led(await at('/', browser)), 204)
    t.equal(led(await at('/admin', browser)), '/refused')
    await groups.leave(id, 'family')
    t.equal(led(await at('/', browser)), '/refused')
  })

  t.test('a proof that is too old is led to be made again', async (t) => {
    t.equal(led(await at('/pay', browser)), 204)
    time += 601_000
    t.equal(led(await at('/pay', browser)), '/confirm')
    t.match((await at('/pay', program)).json(), { code: 'LATCHKEY_RECENT_PROOF_REQUIRED' })
  })

  t.test('what a client adds to what the proxy says opens nothing', async (t) => {
    for (const more of [
      { 'x-original-url': 'https://app.example.org/public' },
      { 'x-original-url': 'https://other.example.org/' },
      { 'x-original-url': 'nonsense' },
      { 'x-original-method': 'POST' },
      { 'x-original-url': 'https://open.example.org/', 'x-original-method': 'GET' }
    ] as Record<string, string>[])
      t.equal((await at('/', program, more)).statusCode, 403, JSON.stringify(more))
    for (const uri of [
      '/public/../',
      '/public/%2e%2e/',
      '/public%2f..%2fadmin',
      '//app.example.org/public',
      '/public\\..',
      'public',
      '/public/%zz'
    ])
      t.equal((await at(uri, program)).statusCode, 403, uri)
    for (const host of ['app.example.org.', 'APP.example.org:444'])
      t.equal((await at('/public', program, { 'x-forwarded-host': host })).statusCode, 204, host)
    for (const host of [
      'other.example.org',
      'x@app.example.org',
      'app.example.org/x',
      'app.example.org?',
      ''
    ])
      t.equal((await at('/public', program, { 'x-forwarded-host': host })).statusCode, 403, host)
  })

  t.test('a proxy that does not say enough is told so', async (t) => {
    t.equal((await program.get('/gate', { headers: proxied })).statusCode, 403)
    t.equal(
      (await program.get('/gate', { headers: { ...proxied, 'x-forwarded-uri': '/public' } })).statusCode,
      403
    )
    t.match(
      log.lines.join(),
      /The gate refuses a request\. The proxy sends neither X-Original-URL nor X-Forwarded-Uri\./
    )
    t.match(log.lines.join(), /neither X-Forwarded-Method nor X-Original-Method/)
    const appended = { ...proxied, 'x-forwarded-uri': '/public', 'x-forwarded-method': 'GET, POST' }
    t.equal((await program.get('/gate', { headers: appended })).statusCode, 403)
    t.match(log.lines.join(), /The proxy sends a method that is none/)
  })

  t.test('Envoy sends the request itself, and takes 200 for a yes', async (t) => {
    const envoy = (path: string, method = 'GET') =>
      app.inject({
        method: method as 'GET',
        url: `/gate/envoy${path}`,
        headers: { ...proxied, host: 'app.example.org' },
        cookies: program.cookies
      })
    t.equal((await envoy('/public/x?y')).statusCode, 200)
    for (const method of ['POST', 'OPTIONS', 'PROPFIND', 'REPORT', 'MKCALENDAR', 'LOCK'])
      t.equal((await envoy('/public', method)).statusCode, 200, method)
    t.equal((await envoy('/', 'PROPFIND')).statusCode, 403)
    t.equal((await envoy('/public/..%2fadmin')).statusCode, 403)
    t.equal((await envoy('/')).statusCode, 403)
    t.equal(
      (await app.inject({ url: '/gate/envoy/public', headers: { host: 'app.example.org' } })).statusCode,
      403,
      'from nobody’s proxy'
    )
  })

  t.test('a change of the file counts when all of it is right', async (t) => {
    const { gateRules } = app[services]
    const write = async (text: string) => {
      await writeFile(rules, text)
      for (let look = 0; look < 2; look++) await gateRules?.look()
    }
    await write('app.example.org: nobody-else\nwrong\n')
    t.match(log.lines.join(), /GATE_RULES \S+, line 2, column 1: /)
    t.equal(led(await at('/public', visitor)), 204)
    await write('wiki.example.net: anybody\n')
    t.match(log.lines.join(), /line 1: wiki\.example\.net is not in GATE_HOSTS/)
    await rm(rules)
    for (let look = 0; look < 2; look++) await gateRules?.look()
    t.equal(led(await at('/public', visitor)), 204)
    // By itself, every second.
    await writeFile(rules, 'app.example.org: signed-in\n')
    await eventually('the rules to count', async () => led(await at('/public', visitor)) === '/login')
    t.equal(led(await at('/admin', browser)), 204)
  })
})

t.test('the gate tells what was proved, and leads to what a rule or SECOND_FACTOR asks for', async (t) => {
  const clock = new TestClock()
  const folder = t.testdir({
    'gate.yaml': '- host: app.example.org\n  who: signed-in\n  factors: 2\n',
    'open.yaml': '- { host: app.example.org, path: /public, who: anybody }\n- app.example.org: signed-in\n'
  })
  const rules = join(folder, 'gate.yaml')
  const open = join(folder, 'open.yaml')
  for (const asking of [
    { GATE_RULES: rules },
    { SECOND_FACTOR: 'everybody' },
    { SECOND_FACTOR: 'everybody', GATE_RULES: open }
  ]) {
    const app = await build(t, {
      env: { ...env, ...asking, DATABASE_URL: `file:${folder}/${Object.keys(asking)}.db` },
      now: clock.now
    })
    await app.latchkey.accounts.add(alice)
    const old = { cookies: await signedInCookies(app, 'alice') }
    const asked = { ...asTraefik, accept: 'text/html' }
    const led = await app.inject({ url: '/gate', headers: asked, ...old })
    const next = encodeURIComponent('https://app.example.org/notes?page=2&order=desc')
    t.equal(led.headers.location, `https://login.example.org/confirm?next=${next}&factors=2`)
    const refused = await app.inject({ url: '/gate', headers: asTraefik, ...old })
    t.match(refused.json(), { status: 401, code: 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP' })

    if (asking.GATE_RULES === open) {
      const toAnybody = { ...asTraefik, 'x-forwarded-uri': '/public' }
      const { statusCode, headers } = await app.inject({ url: '/gate', headers: toAnybody, ...old })
      t.match([statusCode, headers['remote-user'], headers['x-auth-id']], [204, '', ''], 'nobody yet')
    }

    const authenticator = await setUpCodes(app, clock)
    const program = new Visitor(app, 'program')
    const pending = await program.post('/login', alice, { headers: proxied })
    t.match(pending.json(), { code: 'LATCHKEY_SECOND_FACTOR_REQUIRED' })
    t.match(
      pending.cookies,
      [{ name: '__Host-latchkey-pending', secure: true, domain: undefined }],
      'not shared'
    )
    t.equal((await program.get('/gate', { headers: asTraefik })).statusCode, 401, 'half is nobody')
    await program.post('/login/code', { code: authenticator.code() }, { headers: proxied })
    const passed = await program.get('/gate', { headers: asTraefik })
    t.match([passed.statusCode, passed.headers['x-auth-factors']], [204, 'password totp'])
  }
})
