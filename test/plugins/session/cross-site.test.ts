import { once } from 'node:events'
import { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { alice, build, registerAlice, Visitor } from '../../build.ts'

const own = 'http://localhost'
const evil = 'https://evil.example'
const other = 'https://www.example.org'
type Row = readonly [site: string | undefined, origin: string | undefined, passes: boolean]

const matrix: Row[] = [undefined, 'same-origin', 'none', 'same-site', 'cross-site', 'nonsense'].flatMap(
  (site): Row[] => [
    [site, undefined, site === undefined || site === 'same-origin' || site === 'none'],
    [site, own, site === undefined || site === 'same-origin' || site === 'none'],
    [site, evil, site === 'same-origin' || site === 'none'],
    [site, 'null', site === 'same-origin' || site === 'none'],
    [site, other, true]
  ]
)

function headersOf(site: string | undefined, origin: string | undefined) {
  return { ...(site && { 'sec-fetch-site': site }), ...(origin && { origin }), host: 'localhost' }
}

/** The response of each changing route to an allowed request. */
const doors = { '/register': 403, '/login': 200, '/logout': 200, '/nothing': 404 }

t.test('every URL accepts the same senders, sign-in included', async (t) => {
  const app = await build(t, { env: { TRUSTED_ORIGINS: other } })
  await registerAlice(app)
  for (const [site, origin, passes] of matrix) {
    for (const [url, answer] of Object.entries(doors)) {
      const headers = headersOf(site, origin)
      const response = await app.inject({ method: 'POST', url, headers, payload: alice })
      const { code } = response.json()
      t.equal(response.statusCode, passes ? answer : 403, `${url} ${JSON.stringify(headers)}`)
      t.equal(code === 'LATCHKEY_CROSS_SITE', !passes, `${url} ${JSON.stringify(headers)}`)
    }
  }
})

t.test('every method that can change something is checked, and no other', async (t) => {
  const app = await build(t, { routes: (app) => app.all('/anything', async () => 'done') })
  const headers = headersOf('cross-site', evil)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
    t.equal((await app.inject({ method, url: '/anything', headers })).statusCode, 403, method)
  for (const method of ['GET', 'HEAD', 'OPTIONS'] as const)
    t.equal((await app.inject({ method, url: '/anything', headers })).statusCode, 200, method)
})

t.test('a cross-site request changes nothing', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const forged = { headers: headersOf('cross-site', evil) }
  t.equal((await browser.submit('/logout', {}, forged)).statusCode, 403)
  t.equal((await browser.get('/dashboard')).statusCode, 200, 'still signed in')

  const other = new Visitor(app, 'browser')
  t.same((await other.submit('/login', alice, forged)).cookies, [], 'not signed in as somebody else')
})

t.test('a repeated header is ignored', async (t) => {
  const from = postFrom(await build(t))
  // Node joins repeated headers.
  t.equal((await from({ 'sec-fetch-site': 'same-origin, cross-site' })).statusCode, 403)
  t.equal((await from({ origin: `${own}, ${own}` })).statusCode, 403)
  t.equal((await from({ origin: `${own}, ${evil}` })).statusCode, 403)
})

t.test('a Referer replaces a missing Origin', async (t) => {
  const from = postFrom(await build(t))
  t.equal((await from({ referer: `${own}/login` })).statusCode, 200)
  t.equal((await from({ referer: `${evil}/login` })).statusCode, 403)
})

t.test('with PUBLIC_URL only that origin is this site', async (t) => {
  const from = postFrom(await build(t, { env: { PUBLIC_URL: 'http://login.example.org' } }))
  t.equal((await from({ origin: 'http://login.example.org', host: 'internal:3000' })).statusCode, 200)
  t.equal((await from({ origin: 'http://internal:3000', host: 'internal:3000' })).statusCode, 403)
})

t.test('following a link from another site still works', async (t) => {
  const browser = await registerAlice(await build(t))
  const response = await browser.get('/dashboard', { headers: { 'sec-fetch-site': 'cross-site' } })
  t.equal(response.statusCode, 200)
})

function postFrom(app: FastifyInstance) {
  return (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/logout', headers: { host: 'localhost', ...headers } })
}

/** What says that a GET asks for more than an answer: each alone is enough. */
const upgrades: Record<string, string>[] = [
  { upgrade: 'websocket', connection: 'Upgrade' },
  { upgrade: 'anything' },
  { 'sec-fetch-mode': 'websocket' },
  { 'sec-websocket-version': '13' },
  { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
]

t.test('an upgrade, such as a WebSocket, is accepted from the same senders as a change', async (t) => {
  const app = await build(t, {
    env: { TRUSTED_ORIGINS: other },
    routes: (app) => {
      app.get('/live', async (request) => ({ user: request.sessionData.user ?? null }))
      app.get('/open', { config: { crossSite: true } }, async () => 'open')
    }
  })
  const program = await registerAlice(app, 'program')
  for (const upgrade of upgrades) {
    for (const [site, origin, passes] of matrix) {
      const headers = { ...upgrade, ...headersOf(site, origin) }
      const response = await program.get('/live', { headers })
      t.equal(response.statusCode, passes ? 200 : 403, JSON.stringify(headers))
      t.equal(response.json().user, passes ? 'alice' : undefined)
    }
    const elsewhere = { ...upgrade, ...headersOf('cross-site', evil) }
    t.equal((await program.get('/open', { headers: elsewhere })).statusCode, 200, 'where a route allows it')
    const rebound = { ...upgrade, ...headersOf('same-origin', evil), host: 'evil.example' }
    t.match((await program.get('/live', { headers: rebound })).json(), { code: 'LATCHKEY_UNKNOWN_HOST' })
  }
})

t.test('the server’s own upgrade event leads to the same check', async (t) => {
  const app = await build(t, {
    routes: (app) =>
      app.get('/live', async (request, reply) => {
        reply.hijack()
        reply.raw.socket?.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${request.sessionData.user}`)
      })
  })
  // As @fastify/websocket does.
  app.server.on('upgrade', (request, socket) => {
    const response = new ServerResponse(request)
    socket.resume().on('end', () => socket.destroy())
    response.assignSocket(socket as Socket)
    app.routing(request, response)
  })
  const { cookies } = await registerAlice(app)
  const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const shakeHands = async (origin: string) => {
    const socket = connect(Number(address.port), address.hostname)
    const cookie = Object.entries(cookies).map((pair) => pair.join('='))
    socket.write(
      `GET /live HTTP/1.1\r\nHost: ${address.host}\r\nOrigin: ${origin}\r\nCookie: ${cookie.join('; ')}\r\n` +
        'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    )
    const [head] = await once(socket, 'data')
    socket.destroy()
    return String(head)
  }
  t.match(await shakeHands(address.origin), /^HTTP\/1\.1 101 [\s\S]*alice$/)
  t.match(await shakeHands('http://127.0.0.1:1'), /^HTTP\/1\.1 403 /)
})
