import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { StorageError } from '../../../src/errors/errors.ts'
import { alice, build, registerAlice, Visitor } from '../../build.ts'

const fixed = {
  'content-security-policy':
    "default-src 'none';style-src 'self';img-src 'self';script-src 'self';connect-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY'
}
const hsts = 'max-age=31536000; includeSubDomains'

type Sent = { method?: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT'; url: string; [more: string]: unknown }
const answers: [status: number, sent: Sent][] = [
  [200, { url: '/login' }],
  [200, { url: '/login', method: 'HEAD' }],
  [200, { url: '/', headers: { accept: 'application/json' } }],
  [200, { url: '/logout', method: 'POST', headers: { accept: 'application/json' } }],
  [303, { url: '/dashboard' }],
  [303, { url: '/logout', method: 'POST' }],
  [400, { url: '/%zz' }],
  [400, { url: '/login', method: 'POST', payload: {} }],
  [401, { url: '/dashboard', headers: { accept: 'application/json' } }],
  [401, { url: '/login', method: 'POST', payload: { ...alice, password: 'wrong' } }],
  [403, { url: '/logout', method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } }],
  [404, { url: '/nothing' }],
  [404, { url: '/nothing', method: 'PUT' }],
  [404, { url: '/login', method: 'OPTIONS' }],
  [404, { url: '/assets/latchkey/nothing' }],
  [
    413,
    {
      url: '/login',
      method: 'POST',
      payload: Buffer.alloc(100_000),
      headers: { 'content-type': 'application/json' }
    }
  ],
  [414, { url: `/login?next=${'x'.repeat(9000)}` }],
  [415, { url: '/login', method: 'POST', payload: '<a/>', headers: { 'content-type': 'text/xml' } }],
  [500, { url: '/broken' }],
  [503, { url: '/away' }]
]

t.test('every response has the security headers and is not cached', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/broken', async () => Reflect.get(Object(undefined), 'x').y)
      app.get('/away', async () => {
        throw new StorageError('Redis', new Error('away'))
      })
    }
  })
  for (const [status, { headers = {}, ...sent }] of answers) {
    const request = { ...sent, headers: { accept: 'text/html', ...Object(headers) } }
    const response = await app.inject(request)
    const what = `${status} for ${JSON.stringify(request).slice(0, 80)}`
    t.equal(response.statusCode, status, what)
    t.match(response.headers, { ...fixed, 'cache-control': 'no-store' }, what)
    t.notOk(response.headers['strict-transport-security'], what)
    t.notOk(response.headers['x-powered-by'] ?? response.headers.server, what)
  }
})

t.test('assets have the headers too and may be cached', async (t) => {
  const app = await build(t)
  const url = '/assets/latchkey/style.css'
  const { headers } = await app.inject(url)
  t.match(headers, { ...fixed, 'cache-control': 'public, max-age=3600' })
  const again = await app.inject({ url, headers: { 'if-none-match': String(headers.etag) } })
  t.equal(again.statusCode, 304)
  t.match(again.headers, fixed)
})

t.test('pages for signed-in people are never cached', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  for (const url of ['/', '/dashboard', '/logout', '/login'])
    t.match((await browser.get(url)).headers, { 'cache-control': 'no-store' }, url)
  const { headers } = await browser.submit('/login', alice)
  t.match(headers, { 'cache-control': 'no-store', 'set-cookie': /latchkey/ })
})

t.test('only responses over https send HSTS', async (t) => {
  const env = { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback' }
  const app = await build(t, { env })
  const ask = async (url: string, proto: string) => {
    const { headers } = await app.inject({
      url,
      headers: { 'x-forwarded-proto': proto, accept: 'text/html' }
    })
    return headers['strict-transport-security']
  }
  for (const url of ['/login', '/dashboard', '/nothing', '/assets/latchkey/style.css']) {
    t.equal(await ask(url, 'https'), hsts, url)
    t.equal(await ask(url, 'http'), undefined, url)
  }
})

t.test('signing out clears cache and storage, but no cookies of other sites', async (t) => {
  const env = { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback' }
  const over = async (proto: string, path = '') => {
    const app = await build(t, { env: { ...env, PUBLIC_URL: env.PUBLIC_URL + path } })
    const visitor = new Visitor(app, 'browser')
    const { headers } = await visitor.submit('/logout', {}, { headers: { 'x-forwarded-proto': proto } })
    return headers['clear-site-data']
  }
  t.equal(await over('https'), '"cache", "storage"')
  t.equal(await over('http'), undefined)
  t.equal(await over('https', '/auth'), '"cache"', 'the storage is of its neighbours on the host too')
})

t.test('a request that is whole only during shutdown is answered', async (t) => {
  const app = await build(t)
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1')
  const answer = text(socket)
  const [accepted] = await once(app.server, 'connection')
  socket.write('GET /login HTTP/1.1\r\nHost: localhost\r\n')
  while (accepted.bytesRead === 0) await setImmediate()

  const closed = app.close()
  while (app.server.listening) await setImmediate()
  socket.write('\r\n')
  const lines = (await answer).toLowerCase().split('\r\n')
  t.equal(lines[0], 'http/1.1 200 ok')
  for (const [name, value] of Object.entries({ ...fixed, connection: 'close' }))
    t.ok(lines.includes(`${name}: ${value.toLowerCase()}`), name)
  await closed
})
