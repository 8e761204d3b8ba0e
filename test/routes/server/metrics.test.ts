import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, log, registerAlice, secret } from '../../build.ts'
import { eventually } from '../../servers/eventually.ts'
import { requestThrough } from '../../servers/https-request.ts'
import { startNginxFrom } from '../../servers/proxies.ts'
import { startRedis } from '../../servers/redis.ts'

/** Metrics with their labels, parsed as Prometheus does. */
async function numbersOf(app: FastifyInstance): Promise<Map<string, number>> {
  const text = (await app[services].metrics?.text()) ?? ''
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]))
}

t.test('events are counted', async (t) => {
  const app = await build(t, { env: { METRICS_TOKEN: secret } })
  const before = await numbersOf(app)
  t.equal(before.get('latchkey_sign_ins_total{outcome="ok"}'), 0)
  t.equal(before.get('latchkey_sign_ins_total{outcome="throttled"}'), 0, 'present from the start')

  const browser = await registerAlice(app)
  await browser.submit('/login', alice)
  await browser.submit('/logout')
  await app.latchkey.sessions.revokeAllOf(await accountOf(app))
  const after = await numbersOf(app)
  t.equal(after.get('latchkey_sign_ins_total{outcome="ok"}'), 2)
  t.equal(after.get('latchkey_sessions_started_total'), 2)
  t.equal(after.get('latchkey_sessions_ended_total{reach="one"}'), 2, 'the first by signing in again')
  t.equal(after.get('latchkey_sessions_ended_total{reach="all"}'), 0)
  t.equal(after.get('latchkey_events_total{event="sign-out"}'), 1)
})

t.test('storage, passwords and requests are timed', async (t) => {
  const app = await build(t, { env: { METRICS_TOKEN: secret } })
  const browser = await registerAlice(app)
  await browser.submit('/login', alice)
  await browser.get('/nothing/at/all?token=secret')
  const numbers = await numbersOf(app)
  t.equal(numbers.get('latchkey_password_seconds_count{operation="hash",outcome="ok"}'), 1)
  t.equal(numbers.get('latchkey_password_seconds_count{operation="verify",outcome="ok"}'), 1)
  t.equal(numbers.get('latchkey_passwords_waiting'), 0)
  t.equal(
    numbers.get('latchkey_store_seconds_count{store="sessions",operation="create",outcome="ok"}'),
    3,
    'including the check at the start'
  )
  t.ok(numbers.get('latchkey_store_seconds_count{store="accounts",operation="findByEither",outcome="ok"}'))
  t.equal(numbers.get('latchkey_request_seconds_count{method="POST",route="/login",status="303"}'), 1)
  t.equal(numbers.get('latchkey_request_seconds_count{method="GET",route="none",status="404"}'), 1)
  t.ok(numbers.get('process_resident_memory_bytes'))
  t.notMatch([...numbers.keys()].join(), /alice|secret|127\.0\.0\.1/, 'no user input')
})

t.test('a failing store is counted', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, { env: { METRICS_TOKEN: secret, REDIS_URL: redis.url, SESSION_SECRET: secret } })
  const browser = await registerAlice(app)
  await redis.stop()
  await browser.get('/dashboard')
  const numbers = await numbersOf(app)
  t.ok(numbers.get('latchkey_store_seconds_count{store="sessions",operation="load",outcome="failed"}'))
})

/** What a proxy may say of the client, or not. */
const everyway: Record<string, string>[] = [
  {},
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-real-ip': '127.0.0.1' },
  { forwarded: 'for=127.0.0.1' }
]

t.test('on the main port only a token reads metrics, whoever the client seems to be', async (t) => {
  const older = randomBytes(32).toString('base64')
  for (const tokens of [[], [secret, older]]) {
    const app = await build(t, { env: { METRICS_TOKEN: tokens.join(','), TRUST_PROXY: 'loopback' } })
    const ask = async (headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
      (await app.inject({ url: '/metrics', remoteAddress, headers })).statusCode
    for (const headers of everyway) {
      for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.1.2.3'])
        t.equal(await ask(headers, address), 404, `${address} ${JSON.stringify(headers)}`)
      for (const token of [secret, older])
        t.equal(await ask({ ...headers, authorization: `Bearer ${token}` }), tokens.length > 0 ? 200 : 404)
    }
    for (const authorization of [
      ...[
        '',
        'Bearer',
        'Bearer ',
        `Basic ${secret}`,
        secret,
        `Bearer ${secret}x`,
        `Bearer ${secret.slice(1)}`
      ],
      ...[`Bearer ${secret},${older}`, 'Bearer undefined', `Bearer "${secret}"`]
    ])
      t.equal(await ask({ authorization }), 404, authorization)
  }
})

t.test('an nginx in front that says nothing of the client gets nothing', async (t) => {
  const app = await build(t, { env: { METRICS_TOKEN: secret } })
  const latchkey = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
  for (const version of ['1.0', '1.1']) {
    const nginx = await startNginxFrom(
      t,
      `ssl_certificate /etc/ssl/example.org/fullchain.pem;
      ssl_certificate_key /etc/ssl/example.org/privkey.pem;
      server { listen 443 ssl; location / { proxy_http_version ${version}; proxy_pass http://127.0.0.1:3000; } }`,
      { latchkey, app: 0 }
    )
    t.equal((await requestThrough(nginx, { host: 'example.org', path: '/metrics' })).status, 404)
  }
})

t.test('METRICS_LISTEN serves metrics at an address of its own, and nothing else', async (t) => {
  const app = await build(t, { env: { METRICS_LISTEN: '127.0.0.1:0' } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const url = await whereMetricsAre()
  const response = await fetch(url)
  t.match(response.headers.get('content-type'), 'text/plain; version=0.0.4')
  t.match(await response.text(), 'latchkey_sign_ins_total{outcome="ok"} 0')
  t.equal((await fetch(url, { method: 'HEAD' })).status, 200)
  for (const path of ['/', '/dashboard', '/metrics/', '/metrics/x'])
    t.equal((await fetch(new URL(path, url))).status, 404, path)
  t.equal((await fetch(url, { method: 'POST' })).status, 404)
  t.equal((await app.inject('/metrics')).statusCode, 404, 'not at the main port')
  const taken = new URL(url).host
  await t.rejects(build(t, { env: { METRICS_LISTEN: taken } }), {
    message: new RegExp(`METRICS_LISTEN is ${taken}, and listening there fails: .+EADDRINUSE`)
  })
  await app.close()
  await t.rejects(fetch(url), 'closed with the service')
})

t.test('METRICS_LISTEN may be a Unix socket, also one that a killed process left behind', async (t) => {
  // Longer paths are no sockets.
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'metrics.sock')
  const killed = createServer().listen(`${path}.first`)
  await once(killed, 'listening')
  linkSync(`${path}.first`, path)
  await new Promise((resolve) => killed.close(resolve))
  t.ok(existsSync(path))
  const app = await build(t, { env: { METRICS_LISTEN: path } })
  const socket = connect(path)
  socket.end('GET /metrics HTTP/1.0\r\n\r\n')
  t.match(await text(socket), 'latchkey_sign_ins_total{outcome="ok"} 0')
  await t.rejects(build(t, { env: { METRICS_LISTEN: path } }), {
    code: 'LATCHKEY_CONFIG',
    message: /METRICS_LISTEN is \/.+metrics\.sock, and listening there fails/
  })
  await app.close()
  t.notOk(existsSync(path))
})

t.test('METRICS_LISTEN removes nothing that is not a socket', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'accounts.db'), 'precious')
  symlinkSync('accounts.db', join(folder, 'link'))
  mkdirSync(join(folder, 'folder'))
  for (const name of ['accounts.db', 'link', 'folder']) {
    const path = join(folder, name)
    await t.rejects(build(t, { env: { METRICS_LISTEN: path } }), {
      code: 'LATCHKEY_CONFIG',
      message: new RegExp(`METRICS_LISTEN is ${path}, and listening there fails`)
    })
    t.ok(existsSync(path), name)
  }
  t.equal(readFileSync(join(folder, 'link'), 'utf8'), 'precious')
})

t.test('the start says where metrics are served', async (t) => {
  const said = async (env: Record<string, string>) => {
    log.lines.splice(0)
    const app = await build(t, { env })
    const lines = log.lines.splice(0).map((line) => JSON.parse(line).msg)
    await app.close()
    return lines.filter((message) => /metrics/i.test(message)).join('\n')
  }
  t.equal(await said({}), 'Metrics are served nowhere: set METRICS_LISTEN or METRICS_TOKEN.')
  t.equal(await said({ METRICS_TOKEN: secret }), 'Metrics are served at /metrics with METRICS_TOKEN.')
  t.match(
    await said({ METRICS_TOKEN: secret, METRICS_LISTEN: '127.0.0.1:0' }),
    /^Metrics are served at http:\/\/127\.0\.0\.1:\d+\/metrics and at \/metrics with METRICS_TOKEN\.$/
  )
  t.match(
    await said({ METRICS_LISTEN: '0.0.0.0:0' }),
    /\nAnybody who reaches http:\/\/0\.0\.0\.0:\d+\/metrics may read metrics/
  )
})

async function whereMetricsAre(): Promise<string> {
  return eventually('the line of the start', () => {
    const [, url] = /Metrics are served at (http\S+\/metrics)/.exec(log.lines.join('')) ?? []
    return url
  })
}
