import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import latchkey from '../../../src/app.ts'
import { serverOptions } from '../../../src/server/server-options.ts'
import { readConfig } from '../../../src/settings/config.ts'
import { build, Visitor } from '../../build.ts'
import { eventually } from '../../servers/eventually.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Sends raw bytes and reads until the connection is closed. */
async function listening(t: Test) {
  const app = await build(t)
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const send = (bytes: string) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(bytes)
    return text(socket)
  }
  return { app, port: Number(port), send }
}

t.test('a URL has up to 8192 characters', async (t) => {
  const app = await build(t)
  const ask = (length: number) => new Visitor(app, 'program').get(`/login?next=${'x'.repeat(length - 12)}`)
  t.equal((await ask(8192)).statusCode, 200)
  const response = await ask(8193)
  t.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8')
  t.match(response.json(), { status: 414, code: 'LATCHKEY_ADDRESS_TOO_LONG', detail: 'up to 8192' })
})

t.test('a form has up to 100 fields, whatever their names', async (t) => {
  const app = await build(t)
  const post = async (payload: string, headers: Record<string, string> = form) => {
    const response = await app.inject({ method: 'POST', url: '/login', headers, payload })
    return response.json().detail
  }
  const sameName = (count: number) => 'next=/&'.repeat(count)
  const otherNames = (count: number) => Array.from({ length: count }, (_, index) => `f${index}=`).join('&')
  for (const fields of [sameName, otherNames]) {
    t.not(await post(fields(100)), 'A form may have up to 100 fields.')
    t.equal(await post(fields(101)), 'A form may have up to 100 fields.')
    t.equal(await post(fields(5000)), 'A form may have up to 100 fields.')
  }
  const json = JSON.stringify(Object.fromEntries(new URLSearchParams(otherNames(101))))
  t.equal(await post(json, { 'content-type': 'application/json' }), 'A form may have up to 100 fields.')
})

t.test('an unreadable request gets problem+json with every header', async (t) => {
  const { app, send } = await listening(t)
  const unread: [status: number, bytes: string][] = [
    [400, 'no http at all\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [400, 'POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'],
    [413, `POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(17_000)}\r\n`],
    [431, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(16 * 1024)}\r\n\r\n`],
    [431, `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(60_000)}`],
    [431, `GET /${'x'.repeat(60_000)} HTTP/1.1\r\nHost: a\r\n\r\n`]
  ]
  for (const [status, bytes] of unread) {
    const what = `${status} for ${bytes.slice(0, 60)}`
    const [head = '', body = ''] = (
      await send(bytes.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    ).split('\r\n\r\n')
    t.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), what)
    const headers = head.toLowerCase()
    for (const [name, value] of Object.entries(app.fixedHeaders))
      t.match(headers, `${name}: ${value.toLowerCase()}`, `${name} of ${what}`)
    t.match(headers, 'cache-control: no-store', what)
    t.match(headers, 'content-type: application/problem+json', what)
    t.match(JSON.parse(body), { status, code: /^LATCHKEY_/, detail: /\w+/ }, what)
  }
})

t.test('a body that is refused when it was read does not end the connection', async (t) => {
  const { port } = await listening(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const sockets = new Set<Socket>()
  const refused: [status: number, type: string, body: string][] = [
    [400, 'application/json', '{'],
    [400, 'application/json', '{"__proto__":{}}'],
    [415, 'text/xml', '<a/>'],
    [413, 'application/json', 'x'.repeat(70_000)]
  ]
  for (const [status, type, body] of refused) {
    const headers = { 'content-type': type, 'transfer-encoding': 'chunked' }
    const asking = request({ agent, port, host: '127.0.0.1', path: '/api/session', method: 'POST', headers })
    asking.end(body)
    const [response] = await once(asking, 'response')
    sockets.add(response.socket)
    t.equal(response.statusCode, status)
    await text(response)
  }
  t.equal(sockets.size, 1)
})

t.test('an unknown Expect header is ignored', async (t) => {
  const { send } = await listening(t)
  t.match(
    await send('GET /login HTTP/1.1\r\nHost: a\r\nExpect: x\r\nConnection: close\r\n\r\n'),
    /^HTTP\/1\.1 200 /
  )
})

t.test('a client that disconnects early gets no response', async (t) => {
  const { app, port, send } = await listening(t)
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HT')
  await once(app.server, 'connection')
  socket.resetAndDestroy()
  t.match(await send('GET /login HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 200 /)
})

t.test('a connection beyond the limit is closed at once, and that is logged once', async (t) => {
  const warnings: string[] = []
  const stream = { write: (line: string) => void warnings.push(JSON.parse(line).msg) }
  const config = readConfig({ DATABASE_URL: 'file::memory:' })
  const app = Fastify({ ...serverOptions(config), logger: { level: 'warn', stream } })
  t.teardown(() => app.close())
  await app.register(latchkey, { config })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  t.equal(app.server.maxConnections, 8192)

  app.server.maxConnections = 2
  const open = () => connect(Number(new URL(address).port), '127.0.0.1')
  const accepted: Socket[] = []
  app.server.on('connection', (socket) => accepted.push(socket))
  for (const socket of [open(), open()]) t.teardown(() => socket.destroy())
  await eventually('two connections', () => accepted.length >= 2)
  for (const socket of [open(), open()]) t.equal(await text(socket), '', 'closed without a response')
  t.same(warnings, ['There are 2 connections: further ones are closed at once.'])

  const [first] = accepted
  const freed = first && once(first, 'close')
  first?.destroy()
  await freed
  t.equal((await fetch(`${address}/login`)).status, 200, 'a free place is used again')
})
