import { DatabaseSync } from 'node:sqlite'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { asNginx, asTraefik, env, open, proxied } from '../behind-gate.ts'
import { accountOf, alice, build, databaseFile, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

const way = `https://login.example.org/login?next=${encodeURIComponent(asNginx['x-original-url'])}`

function storedSessions(app: FastifyInstance) {
  const database = new DatabaseSync(databaseFile(app), { readOnly: true })
  const rows = database.prepare('SELECT * FROM sessions').all()
  database.close()
  return rows
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

t.test('an address is named once it is confirmed, as it is now, and never one that waits', async (t) => {
  const { app, ask, signIn } = await open(t)
  const { accounts, addresses } = app[services]
  const account = (await accounts.find('alice'))!
  await signIn()
  const named = async () => (await ask(asNginx)).headers['remote-email']
  t.equal(await named(), '', 'none')
  await addresses.ask(account, 'Alice+x@example.org', {})
  t.equal(await named(), '')
  await addresses.set(account.id, 'Älice+x@example.org', {})
  t.equal(await named(), '%C3%84lice+x@example.org')
  t.equal((await ask(asNginx, new Visitor(app, 'browser'))).headers['remote-email'], undefined)
  await addresses.set(account.id, undefined, {})
  t.equal(await named(), '')
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
