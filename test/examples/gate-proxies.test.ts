import t, { type Test } from 'tap'
import { alice, build, Visitor } from '../build.ts'
import { requestThrough, type SentRequest } from '../servers/https-request.ts'
import { startPlainApp } from '../servers/plain-app.ts'
import { startCaddy, startNginx, startNginxWithItsBuffers } from '../servers/proxies.ts'

const env = {
  PUBLIC_URL: 'https://login.example.org',
  TRUST_PROXY: '127.0.0.1',
  COOKIE_DOMAIN: 'example.org',
  GATE_HOSTS: 'app.example.org'
}
const app = 'https://app.example.org'
const start = { nginx: startNginx, Caddy: startCaddy }

/** The service and an app behind a proxy as the examples have it, and somebody who is signed in. */
async function open(t: Test, startProxy: typeof startNginx) {
  const service = await build(t, { env })
  await service.latchkey.accounts.add(alice)
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
  return { send, seen: behind.seen, cookie }
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
      { upgrade: 'other', connection: 'upgrade', origin: 'https://wiki.example.org' },
      { 'sec-fetch-mode': 'websocket', origin: 'https://wiki.example.org' },
      { 'sec-websocket-version': '13', origin: 'https://wiki.example.org' }
    ])
      t.equal((await send({ headers: { ...headers, cookie } })).status, 403, JSON.stringify(headers))
    t.equal(seen.length, 1, 'none of them reached the app')
    t.equal((await send({ headers: { cookie, origin: 'https://wiki.example.org' } })).status, 200)
  })
