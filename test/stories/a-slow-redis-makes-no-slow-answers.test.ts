import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'
import { startSlowProxy } from '../servers/slow-proxy.ts'
import { longest, signInMany, visit, visitSteadily } from '../steady-visits.ts'

const slow = 3000

t.test('behind 3 s of latency every answer comes within a second, and says that it cannot', async (t) => {
  const redis = await startRedis(t)
  const proxy = await startSlowProxy(t, redis.port)
  const app = await build(t, {
    env: { REDIS_URL: `redis://127.0.0.1:${proxy.port}`, SESSION_SECRET: secret, REGISTRATION: 'open' }
  })
  const signedIn = await registerAlice(app)
  const page = `${await app.listen({ port: 0, host: '127.0.0.1' })}/dashboard`
  const cookies = await signInMany(app, 20)

  proxy.delay(slow)
  const stop = visitSteadily(page, cookies)
  const stranger = new Visitor(app, 'browser')
  for (const [what, ask] of [
    ['the dashboard', () => signedIn.get('/dashboard')],
    ['signing in', () => stranger.submit('/login', alice)],
    ['signing in anew', () => signedIn.submit('/login', alice)],
    ['signing out', () => signedIn.submit('/logout')],
    ['registering', () => stranger.submit('/register', { ...alice, username: 'bob' })],
    ['readiness', () => stranger.get('/health/ready')]
  ] as const) {
    const askedAt = performance.now()
    const { statusCode, headers } = await ask()
    const took = Math.round(performance.now() - askedAt)
    t.equal(statusCode, 503, what)
    t.ok(Number(headers['retry-after']) > 0, `${what} says when to try again`)
    t.notOk(headers['set-cookie'], `${what} leaves the cookie alone`)
    t.ok(took < 1000, `${what} took ${took} ms`)
  }
  t.equal((await signedIn.get('/login')).statusCode, 200, 'the form is there')
  t.equal((await app.latchkey.accounts.list()).length, 1, 'nobody is half registered')
  await sleep(slow)
  const answers = await stop()
  t.ok(answers.every(({ status }) => status === 503))
  t.ok(longest(answers) < 1000)
  t.comment(`longest answer ${longest(answers)} ms of ${answers.length}`)

  proxy.delay(0)
  const fastAt = performance.now()
  while ((await visit(page, cookies[0] ?? '')).status !== 200) await sleep(10)
  const after = Math.round(performance.now() - fastAt)
  t.ok(after < 1000, `the first page came ${after} ms after the latency was gone`)
  t.equal((await signedIn.get('/dashboard')).statusCode, 200, 'who was signed in still is')
  await eventually('a sign-in', async () => (await stranger.submit('/login', alice)).statusCode === 303)
  t.comment(`first page ${after} ms after`)
})

t.test('started behind 3 s of latency it says that it is not ready, and is when it goes', async (t) => {
  const redis = await startRedis(t)
  const proxy = await startSlowProxy(t, redis.port)
  proxy.delay(slow)
  const app = await build(t, {
    env: { REDIS_URL: `redis://127.0.0.1:${proxy.port}`, SESSION_SECRET: secret }
  })
  const probe = new Visitor(app, 'program')
  t.equal((await probe.get('/health/ready')).statusCode, 503)
  proxy.delay(0)
  const fastAt = performance.now()
  while ((await probe.get('/health/ready')).statusCode !== 200) await sleep(10)
  t.ok(performance.now() - fastAt < 1000)
})
