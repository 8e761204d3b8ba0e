import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { alice, build, registerAlice, secret } from '../../build.ts'
import { startRedis } from '../../servers/redis.ts'

/** Metrics with their labels, parsed as Prometheus does. */
async function numbersOf(app: FastifyInstance): Promise<Map<string, number>> {
  const { body } = await app.inject('/metrics')
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]))
}

t.test('events are counted', async (t) => {
  const app = await build(t)
  const before = await numbersOf(app)
  t.equal(before.get('latchkey_sign_ins_total{outcome="ok"}'), 0)
  t.equal(before.get('latchkey_sign_ins_total{outcome="throttled"}'), 0, 'present from the start')

  const browser = await registerAlice(app)
  await browser.submit('/login', alice)
  await browser.submit('/logout')
  await app.latchkey.sessions.revokeAllOf('alice')
  const after = await numbersOf(app)
  t.equal(after.get('latchkey_sign_ins_total{outcome="ok"}'), 2)
  t.equal(after.get('latchkey_sessions_started_total'), 2)
  t.equal(after.get('latchkey_sessions_ended_total{reach="one"}'), 2, 'the first by signing in again')
  t.equal(after.get('latchkey_sessions_ended_total{reach="all"}'), 0)
  t.equal(after.get('latchkey_events_total{event="sign-out"}'), 1)
})

t.test('storage, passwords and requests are timed', async (t) => {
  const app = await build(t)
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
  t.ok(numbers.get('latchkey_store_seconds_count{store="accounts",operation="find",outcome="ok"}'))
  t.equal(numbers.get('latchkey_request_seconds_count{method="POST",route="/login",status="303"}'), 1)
  t.equal(numbers.get('latchkey_request_seconds_count{method="GET",route="none",status="404"}'), 1)
  t.ok(numbers.get('process_resident_memory_bytes'))
  t.notMatch([...numbers.keys()].join(), /alice|secret|127\.0\.0\.1/, 'no user input')
})

t.test('a failing store is counted', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret } })
  const browser = await registerAlice(app)
  await redis.stop()
  await browser.get('/dashboard')
  const numbers = await numbersOf(app)
  t.ok(numbers.get('latchkey_store_seconds_count{store="sessions",operation="load",outcome="failed"}'))
})

t.test('only clients listed in METRICS may read, by their own address', async (t) => {
  const ask = async (
    METRICS: string,
    remoteAddress: string,
    headers: Record<string, string> = {},
    proxy = ''
  ) => {
    const app = await build(t, { env: { METRICS, TRUST_PROXY: proxy } })
    return (await app.inject({ url: '/metrics', remoteAddress, headers })).statusCode
  }
  t.equal(await ask('', '127.0.0.1'), 200)
  t.equal(await ask('', '::1'), 200)
  t.equal(await ask('', '::ffff:127.0.0.1'), 200)
  t.equal(await ask('', '10.1.2.3'), 404)
  t.equal(await ask('off', '127.0.0.1'), 404)
  t.equal(await ask('10.1.2.0/24', '10.1.2.3'), 200)
  t.equal(await ask('10.1.2.0/24', '127.0.0.1'), 404)
  t.equal(await ask('uniquelocal', 'fd12::1'), 200)

  const far = { 'x-forwarded-for': '203.0.113.7' }
  const near = { 'x-forwarded-for': '127.0.0.1' }
  t.equal(await ask('', '127.0.0.1', far), 404, 'through an untrusted proxy')
  t.equal(await ask('', '127.0.0.1', near), 404, 'whatever it claims')
  for (const header of ['x-forwarded-proto', 'X-Real-IP', 'Via', 'CF-Connecting-IP', 'X-Original-URL'])
    t.equal(await ask('', '127.0.0.1', { [header]: 'x' }), 404, header)
  t.equal(await ask('', '127.0.0.1', far, 'loopback'), 404, 'through a trusted proxy, from far away')
  t.equal(await ask('', '127.0.0.1', near, 'loopback'), 200)
  t.equal(await ask('203.0.113.7', '127.0.0.1', far, 'loopback'), 200)
})

t.test('nginx without forwarding headers is refused', async (t) => {
  const app = await build(t)
  const socket = connect(Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port), '127.0.0.1')
  socket.end('GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
  t.match(await text(socket), /^HTTP\/1\.1 404 /)
})

t.test('it works over a real connection too', async (t) => {
  const url = await (await build(t)).listen({ port: 0, host: '127.0.0.1' })
  const response = await fetch(`${url}/metrics`)
  t.match(response.headers.get('content-type'), 'text/plain; version=0.0.4')
  t.match(await response.text(), 'latchkey_sign_ins_total{outcome="ok"} 0')
})
