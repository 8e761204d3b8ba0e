// group: attackers
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { build, countSessions, Visitor } from '../build.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const nul = String.fromCharCode(0)

interface Bad {
  readonly what: string
  readonly status: number
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
}

const bad: Bad[] = [
  { what: 'a wrong content type', status: 415, headers: { 'content-type': 'text/xml' }, body: '<a/>' },
  { what: 'plain text', status: 415, headers: { 'content-type': 'text/plain' }, body: 'username=alice' },
  { what: 'no body', status: 400 },
  { what: 'an array in brackets', status: 400, headers: form, body: 'username[]=alice&password=x' },
  { what: 'a field twice', status: 400, headers: form, body: 'username=a&username=b&password=x' },
  { what: 'an array in JSON', status: 400, headers: json, body: '{"username":["alice"],"password":"x"}' },
  { what: 'a number in JSON', status: 400, headers: json, body: '{"username":1,"password":"x"}' },
  { what: 'an object in JSON', status: 400, headers: json, body: '{"username":{"$ne":""},"password":"x"}' },
  { what: 'a missing password', status: 400, headers: form, body: 'username=alice' },
  { what: 'a missing name', status: 400, headers: json, body: '{"password":"x"}' },
  { what: 'JSON null', status: 400, headers: json, body: 'null' },
  { what: 'a JSON list', status: 400, headers: json, body: '[]' },
  { what: 'broken JSON', status: 400, headers: json, body: '{"username":' },
  { what: 'empty JSON', status: 400, headers: json, body: '' },
  { what: 'a prototype in JSON', status: 400, headers: json, body: '{"__proto__":{"username":"a"}}' },
  { what: 'a 10 MB body', status: 413, headers: json, body: Buffer.alloc(10_000_000, 'a') }
]

const badSignIns: Bad[] = [
  { what: 'a NUL byte in the name', status: 401, headers: form, body: 'username=ali%00ce&password=x' },
  {
    what: 'a NUL byte in JSON',
    status: 401,
    headers: json,
    body: JSON.stringify({ username: nul, password: nul })
  },
  { what: 'invalid percent-encoding', status: 401, headers: form, body: 'username=%zz&password=%' },
  { what: 'an endless name', status: 401, headers: form, body: `username=${'a'.repeat(20_000)}&password=x` },
  {
    what: 'an endless password',
    status: 401,
    headers: form,
    body: `username=a&password=${'x'.repeat(20_000)}`
  }
]

const badAccounts: Bad[] = [
  {
    what: 'a NUL byte in the name',
    status: 400,
    headers: form,
    body: 'username=ali%00ce&password=correct+horse+battery'
  },
  { what: 'an empty name', status: 400, headers: form, body: 'username=&password=correct+horse+battery' },
  {
    what: 'an endless password',
    status: 400,
    headers: form,
    body: `username=a&password=${'x'.repeat(20_000)}`
  }
]

const tries = [
  ...bad.map((attempt) => ({ url: '/login', ...attempt })),
  ...bad.map((attempt) => ({ url: '/register', ...attempt })),
  ...badSignIns.map((attempt) => ({ url: '/login', ...attempt })),
  ...badAccounts.map((attempt) => ({ url: '/register', ...attempt }))
]

t.test('every kind of bad input is a 4xx that says what was wrong', async (t) => {
  const app = await build(t)
  for (const { what, status, url, headers = {}, body } of tries) {
    for (const accept of ['text/html', 'application/json']) {
      const payload = body === undefined ? {} : { payload: body }
      const sent = { accept, connection: 'keep-alive', ...headers }
      const response = await app.inject({ method: 'POST', url, headers: sent, ...payload })
      t.equal(response.statusCode, status, `${what} at ${url} for ${accept}`)
      if (accept === 'text/html') t.match(response.body, '<h1>')
      else t.match(response.json(), { status, code: /^\w+$/, detail: /\w+/ })
      t.same(response.cookies, [])
    }
  }
  t.equal(countSessions(app), 0)
  t.same(await app.latchkey.accounts.list(), [])
})

t.test('URLs that cannot be decoded are a page or problem+json too', async (t) => {
  const app = await build(t)
  for (const url of ['/%', '/%zz', '/%c0%af', '/login/%ff']) {
    t.equal((await new Visitor(app, 'program').get(url)).json().status, 400, url)
    t.match((await new Visitor(app, 'browser').get(url)).body, '<h1>That did not work</h1>', url)
  }
})

t.test('a request target in absolute form works like its path', async (t) => {
  const app = await build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const ask = (target: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
    )
    return text(socket)
  }
  for (const host of ['http://localhost', 'HTTPS://evil.example:99', 'http://a@b']) {
    t.match(await ask(`${host}/logout`), /^HTTP\/1\.1 200 /, host)
    t.match(await ask(`${host}/login`), /^HTTP\/1\.1 400 /, host)
    t.match(await ask(host), /^HTTP\/1\.1 404 /, host)
  }
})

t.test('malformed cookies sign nobody in', async (t) => {
  const app = await build(t)
  const values = [
    '',
    's:',
    's:.',
    's:__proto__.x',
    's:constructor.x',
    '__proto__',
    's:a.b.c',
    'j:{"a":1}',
    '%zz',
    nul
  ]
  const cookies = [
    ...values.map((value) => `latchkey=${value}`),
    `latchkey=s:${'a'.repeat(12_000)}.x`,
    'latchkey=s:a.b; latchkey=s:c.d',
    '__proto__=s:a.b; constructor=x; latchkey=hasOwnProperty',
    '=;;=;latchkey'
  ]
  for (const cookie of cookies) {
    const response = await app.inject({ url: '/dashboard', headers: { cookie } })
    t.equal(response.statusCode, 401, JSON.stringify(cookie.slice(0, 60)))
  }
  t.equal(countSessions(app), 0)
})

t.test('over a real connection a 10 MB body gets a 413, not a reset', async (t) => {
  const app = await build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const body = Buffer.alloc(10_000_000, 'a')

  for (const framing of ['length', 'chunks'] as const) {
    const socket = connect(port, '127.0.0.1')
    const answer = text(socket)
    const head = framing === 'length' ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked'
    socket.write(
      `POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n${head}\r\n\r\n`
    )
    if (framing === 'chunks') socket.write(`${body.length.toString(16)}\r\n`)
    socket.write(body)
    if (framing === 'chunks') socket.write('\r\n0\r\n\r\n')
    await once(socket, 'close')
    t.match(await answer, /^HTTP\/1\.1 413 /, framing)
  }
})

t.test('a client that disconnects in the middle of a 10 MB body does no harm', async (t) => {
  const app = await build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const answered = new Promise<void>((resolve) =>
    app.server.once('request', (_, response) => response.once('close', resolve))
  )
  const socket = connect(port, '127.0.0.1')
  socket.write(
    'POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{'
  )
  await once(app.server, 'request')
  socket.destroy()
  await answered
  t.equal((await new Visitor(app, 'browser').get('/login')).statusCode, 200)
})

t.test('anything but HTTP gets a 4xx, and the service goes on', async (t) => {
  const app = await build(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  for (const noise of [
    '\0\0\0\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`
  ]) {
    const socket = connect(port, '127.0.0.1')
    const answer = text(socket)
    socket.write(noise)
    t.match(await answer, /^HTTP\/1\.1 4\d\d /)
  }
  t.equal((await new Visitor(app, 'browser').get('/login')).statusCode, 200)
})
