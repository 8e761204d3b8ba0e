import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, Visitor } from '../build.ts'
import { requestThrough, type SentRequest } from '../servers/https-request.ts'
import { startPlainApp } from '../servers/plain-app.ts'
import {
  startCaddy,
  startCaddyFrom,
  startHaproxy,
  startNginx,
  startNginxFrom,
  startNginxWithItsBuffers,
  type Upstreams
} from '../servers/proxies.ts'

const env = {
  PUBLIC_URL: 'https://login.example.org',
  TRUST_PROXY: '127.0.0.1',
  COOKIE_DOMAIN: 'example.org',
  GATE_HOSTS: 'app.example.org'
}
const app = 'https://app.example.org'
const start = { nginx: startNginx, Caddy: startCaddy, HAProxy: startHaproxy }

/** The service and an app behind a proxy as the examples have it, and somebody who is signed in. */
async function open(t: Test, startProxy: typeof startNginx) {
  const routes = (app: FastifyInstance) =>
    app.get('/who', async ({ ip, ips, protocol }) => ({ ip, ips: ips?.length, protocol }))
  const service = await build(t, { env, routes })
  const { accounts, groups } = service.latchkey
  await accounts.add(alice)
  const browser = new Visitor(service, 'browser')
  await browser.submit('/login', alice, {
    headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' }
  })
  const latchkey = Number(new URL(await service.listen({ port: 0, host: '127.0.0.1' })).port)
  const behind = await startPlainApp(t)
  const proxy = await startProxy(t, { latchkey, app: behind.port })
  const cookie = `__Secure-latchkey=${browser.cookies['__Secure-latchkey']}`
  const send = (sent: Partial<SentRequest> = {}) =>
    requestThrough(proxy, { host: 'app.example.org', ...sent })
  const { id } = await accountOf(service)
  const join = async (group: string) => {
    await groups.add(group)
    await groups.join(id, group)
    await service[services].addresses.set(id, 'alice@example.org', {})
  }
  const makeToken = async () => {
    const asked = { name: 'phone', hosts: 'app.example.org', forApi: false, days: 1 }
    const made = await service[services].tokens.make(id, asked)
    return made.ok ? made.token : ''
  }
  return { send, seen: behind.seen, cookie, id, join, makeToken }
}

const wayBack = (location = '') => new URL(location).searchParams.get('next')

for (const [name, startProxy] of Object.entries({ ...start, 'nginx as it comes': startNginxWithItsBuffers }))
  t.test(`behind ${name}, an address of any length leads to sign-in`, async (t) => {
    const { send, cookie } = await open(t, startProxy)
    const accept = 'text/html'
    for (const [path, next] of [
      ['/notes?page=2', '/notes?page=2'],
      [`/notes?${'a'.repeat(1500)}`, `/notes?${'a'.repeat(1500)}`],
      [`/notes?${'=&'.repeat(750)}`, '/notes'],
      [`/notes?${'a'.repeat(2100)}`, '/notes'],
      [`/notes?${'=&'.repeat(3900)}`, '/notes'],
      [`/${'a'.repeat(7900)}`, '/']
    ] as const) {
      const { status, headers } = await send({ path, headers: { accept } })
      t.match(status, /^30[23]$/, `${path.length} characters`)
      t.equal(wayBack(headers.location), app + next)
      const page = await send({
        host: 'login.example.org',
        path: headers.location?.slice(env.PUBLIC_URL.length) ?? '',
        headers: { accept }
      })
      t.equal(page.status, 200)
    }
    const form = await send({
      path: '/notes?page=2',
      method: 'POST',
      headers: { accept, 'content-length': '0' }
    })
    t.equal(wayBack(form.headers.location), `${app}/`, 'a form is not sent again')
    const preflight = await send({
      method: 'OPTIONS',
      headers: { origin: app, 'access-control-request-method': 'PUT' }
    })
    t.equal(preflight.status, 401, 'unless the lines for preflights are added')
    for (const length of [10, 1500, 2100, 7900]) {
      const path = `/notes?${'&'.repeat(length)}`
      const headers = {
        accept,
        cookie,
        referer: `${app}/${'a'.repeat(4000)}`,
        authorization: 'a'.repeat(4000)
      }
      t.equal((await send({ path, headers })).status, 200, `signed in, ${length} characters`)
    }
  })

for (const [name, startProxy] of Object.entries(start))
  t.test(`behind ${name}, only a page of the app itself opens a WebSocket`, async (t) => {
    const { send, seen, cookie } = await open(t, startProxy)
    const handshake = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-key': 'x'.repeat(24) }
    const fromApp = await send({ headers: { ...handshake, cookie, origin: app } })
    t.equal(fromApp.status, 101)
    t.equal(seen.length, 1)
    for (const headers of [
      { ...handshake, origin: 'https://wiki.example.org' },
      { ...handshake, origin: 'null' },
      { ...handshake, origin: 'https://wiki.example.org', 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-mode': 'websocket', origin: 'https://wiki.example.org' },
      { 'sec-websocket-version': '13', origin: 'https://wiki.example.org' }
    ])
      t.equal((await send({ headers: { ...headers, cookie } })).status, 403, JSON.stringify(headers))
    t.equal(seen.length, 1, 'none of them reached the app')
    t.equal((await send({ headers: { cookie, origin: 'https://wiki.example.org' } })).status, 200)
  })

/** Each header that the gate or the proxy sets, called hop-by-hop by the client (RFC 9110 §7.6.1). */
const setBehindTheClient = [
  'X-Auth-Id',
  'Remote-User',
  'Remote-Groups',
  'Remote-Email',
  'X-Auth-Session-Age',
  'X-Auth-Factors',
  'x-auth-id, remote-user, remote-groups, remote-email, x-auth-session-age, x-auth-factors',
  'X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host',
  'X-Original-URL, X-Forwarded-Uri, X-Forwarded-Method',
  'Cookie',
  'Host'
]

for (const [name, startProxy] of Object.entries(start))
  t.test(`behind ${name}, a client cannot have a header removed by calling it hop-by-hop`, async (t) => {
    const { send, seen, cookie, id, join } = await open(t, startProxy)
    await join('a b')
    const handshake = { upgrade: 'websocket', 'sec-websocket-key': 'x'.repeat(24), origin: app }
    for (const listed of setBehindTheClient) {
      for (const connection of [`close, ${listed}`, `${listed}, keep-alive`]) {
        const before = seen.length
        const { status } = await send({ headers: { connection, cookie } })
        const asked = { ...seen.at(-1) }
        t.equal(status, 200, connection)
        t.equal(seen.length, before + 1)
        const set = {
          'x-auth-id': id,
          'remote-user': 'alice',
          'x-auth-session-age': /^\d+$/,
          'x-auth-factors': 'password',
          'remote-groups': 'a%20b',
          'remote-email': 'alice@example.org'
        }
        t.match(asked, set, connection)
        t.notMatch(asked.connection, /[rx]/, 'nothing is listed on the way to the app')

        const { status: signedOut, headers } = await send({ headers: { connection, accept: 'text/html' } })
        t.match(signedOut, /^30[23]$/, connection)
        t.equal(wayBack(headers.location), `${app}/`)
        t.equal(seen.length, before + 1)
      }
      const upgraded = await send({ headers: { ...handshake, cookie, connection: `${listed}, Upgrade` } })
      t.equal(upgraded.status, 101, `an upgrade, ${listed}`)
      t.match(seen.at(-1), { 'remote-user': 'alice', upgrade: 'websocket' })
      const foreign = { ...handshake, origin: 'https://wiki.example.org', cookie }
      const connection = `Upgrade, ${listed}, Origin, Upgrade, Sec-WebSocket-Key`
      t.not((await send({ headers: { ...foreign, connection } })).status, 101)
    }
    for (const listed of ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-For, X-Forwarded-Proto']) {
      const host = 'login.example.org'
      const headers = {
        connection: `close, ${listed}`,
        'content-type': 'application/json',
        accept: 'application/json'
      }
      const answer = await send({ host, path: '/who', headers })
      t.same(JSON.parse(answer.body), { ip: '127.0.0.1', ips: 2, protocol: 'https' }, listed)
    }
  })

for (const [name, startProxy] of Object.entries(start))
  t.test(`behind ${name}, a client upgrades to WebSocket and to nothing else`, async (t) => {
    const { send, seen, cookie } = await open(t, startProxy)
    for (const upgrade of ['h2c', 'websocket, h2c', 'h2c, websocket', 'TLS/1.2', 'other']) {
      // Without a key HAProxy refuses whatever names WebSocket.
      const http2 = { 'http2-settings': 'AAMAAABk', 'sec-websocket-key': 'x'.repeat(24) }
      const headers = { upgrade, connection: 'Upgrade, HTTP2-Settings', ...http2, cookie }
      t.equal((await send({ headers })).status, 200, upgrade)
      t.match(seen.at(-1), { upgrade: undefined, 'remote-user': 'alice' })
    }
    const headers = {
      upgrade: 'WebSocket',
      connection: 'keep-alive, Upgrade',
      'sec-websocket-key': 'x'.repeat(24),
      cookie
    }
    t.equal((await send({ headers })).status, 101, 'as Firefox sends it')
  })

/** Every way to write a name with - or _ between its words: many frameworks take them for one name. */
function spellings(name: string): string[] {
  const [first = '', ...rest] = name.split('-')
  return rest.reduce((made, word) => made.flatMap((text) => [`${text}-${word}`, `${text}_${word}`]), [first])
}

for (const [name, startProxy] of Object.entries(start))
  t.test(`behind ${name}, no spelling of a header that the gate sets comes from the client`, async (t) => {
    const { send, seen, cookie } = await open(t, startProxy)
    for (const header of [
      'X-Auth-Id',
      'Remote-User',
      'Remote-Groups',
      'Remote-Email',
      'X-Auth-Session-Age',
      'X-Auth-Factors'
    ])
      for (const spelling of spellings(header).flatMap((text) => [
        text,
        text.toLowerCase(),
        text.toUpperCase()
      ])) {
        t.equal((await send({ headers: { [spelling]: 'forged', cookie } })).status, 200)
        const asWsgi = Object.entries(seen.at(-1) ?? {}).map(([key, value]) => [
          key.replaceAll('-', '_'),
          value
        ])
        const [value, ...others] = asWsgi.filter(([key]) => key === header.toLowerCase().replaceAll('-', '_'))
        t.same(others, [], spelling)
        t.notMatch(value, /forged/)
      }
  })

for (const [name, startProxy] of Object.entries(start))
  t.test(
    `behind ${name}, a token for programs is not passed on, and the app’s own Authorization is`,
    async (t) => {
      const { send, seen, cookie, id, makeToken } = await open(t, startProxy)
      const token = await makeToken()
      const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
      for (const authorization of [`Bearer ${token}`, basic(`alice:${token}`)]) {
        t.equal((await send({ headers: { authorization } })).status, 200)
        const asked = { ...seen.at(-1) }
        t.match(asked, { 'x-auth-id': id, 'remote-user': 'alice', 'x-auth-factors': 'token' })
        t.notOk(asked.authorization, name)
        t.notOk(asked['x-auth-session-age'])
      }
      const before = seen.length
      const refused = await send({ headers: { authorization: `Bearer ${token}0` } })
      t.equal(refused.status, 401)
      t.equal((await send({ headers: { authorization: basic(`bob:${token}`), cookie } })).status, 401)
      t.equal(seen.length, before, 'no session stands in for a wrong one')
      const asked = await send()
      t.equal(asked.status, 401)
      t.match(asked.headers['www-authenticate'], 'Basic', 'a program is asked for one')

      for (const authorization of [basic('alice:of the app'), 'Bearer of-the-app', 'a'.repeat(4000)]) {
        t.equal((await send({ headers: { authorization, cookie } })).status, 200)
        t.match(seen.at(-1), { authorization, 'x-auth-factors': 'password' })
      }
    }
  )

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
/** The lines for preflights in docs/gate.md: nginx's two parts, Caddy's. */
const [, preflights = ''] = read('docs/gate.md').split('## Preflights')
const [map = '', check = '', matcher = ''] = [...preflights.matchAll(/```\w*\n(.*?)```/gs)].map(
  ([, code = '']) => code
)
const withPreflights = {
  nginx: (t: Test, upstreams: Upstreams) => {
    const [beforeServers = '', ...servers] = read('examples/gate/nginx.conf').split(/^(?=server )/m)
    const conf = [beforeServers, map, ...servers].join('')
    return startNginxFrom(
      t,
      conf.replace(/^ *location = \/latchkey-gate {\n/m, (line) => line + check),
      upstreams
    )
  },
  Caddy: (t: Test, upstreams: Upstreams) => {
    const conf = read('examples/gate/Caddyfile').replace(/^\t*forward_auth /m, (line) => matcher + line)
    return startCaddyFrom(t, conf, upstreams)
  }
}

for (const [name, startProxy] of Object.entries(withPreflights))
  t.test(
    `behind ${name} with the lines for preflights, they reach the app, as nobody’s, and nothing else does`,
    async (t) => {
      const { send, seen, cookie } = await open(t, startProxy)
      const origin = 'https://www.example.org'
      const asks = {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'x-own'
      }
      const forged = {
        'remote-groups': 'admins',
        'remote-email': 'root@example.org',
        'remote-user': 'root',
        'x-auth-id': 'forged',
        'x-auth-session-age': '0',
        'x-auth-factors': 'passkey verified'
      }
      t.equal(
        (await send({ path: '/api', method: 'OPTIONS', headers: { ...asks, ...forged, cookie } })).status,
        200
      )
      const [preflight = {}] = seen
      t.match(preflight, asks)
      for (const header of Object.keys(forged)) t.notOk(preflight[header], header)
      t.notMatch(`${preflight.cookie}`, 'latchkey')
      for (const [method, headers] of [
        ['OPTIONS', { origin }],
        ['OPTIONS', { 'access-control-request-method': 'PUT' }],
        ['GET', asks],
        ['POST', asks],
        ['PUT', asks]
      ] as const)
        t.equal((await send({ method, headers: { ...headers, 'content-length': '0' } })).status, 401, method)
      t.equal(seen.length, 1)
      t.equal(
        (await send({ method: 'PUT', headers: { ...asks, cookie, 'content-length': '0' } })).status,
        200
      )
      t.match(seen.at(-1), { 'remote-user': 'alice' })
    }
  )
