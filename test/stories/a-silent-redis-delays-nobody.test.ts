// group: failing-storage
import t from 'tap'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'
import { startSlowProxy } from '../servers/slow-proxy.ts'
import { isHonest, signInMany, visitSteadily } from '../visit-steadily.ts'

/** Enough that each of the concurrent visitors is answered several times. */
const many = 25

t.test('while Redis is silent every request is answered with an error', async (t) => {
  const redis = await startRedis(t)
  const proxy = await startSlowProxy(t, redis.port)
  const env = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    SESSION_SECRET: secret,
    REGISTRATION: 'open'
  }
  const patient = await build(t, { env })
  const registered = await registerAlice(patient)
  const cookies = await signInMany(patient, 20)
  const app = await build(t, { env: { ...env, STORAGE_PATIENCE: '300ms' } })
  const signedIn = Object.assign(new Visitor(app, 'browser'), { cookies: registered.cookies })
  const page = `${await app.listen({ port: 0, host: '127.0.0.1' })}/dashboard`

  proxy.hold()
  const { answers, more, stop } = visitSteadily(page, cookies)
  const stranger = new Visitor(app, 'browser')
  for (const [what, ask] of [
    ['the dashboard', () => signedIn.get('/dashboard')],
    ['signing in', () => stranger.submit('/login', alice)],
    ['signing in anew', () => signedIn.submit('/login', alice)],
    ['signing out', () => signedIn.submit('/logout')],
    ['registering', () => stranger.submit('/register', { ...alice, username: 'bob' })],
    ['readiness', () => stranger.get('/health/ready')]
  ] as const) {
    const { statusCode, headers } = await ask()
    t.equal(statusCode, 503, what)
    t.ok(Number(headers['retry-after']) > 0, `${what} has Retry-After`)
    t.notOk(headers['set-cookie'], `${what} sets no cookie`)
  }
  t.equal((await signedIn.get('/login')).statusCode, 200, 'the form is shown')
  t.equal((await app.latchkey.accounts.list()).length, 1, 'nobody is half registered')
  await more(many)
  t.ok(answers.every(isHonest))

  proxy.release()
  await eventually('the first page', () => answers.some(({ status }) => status === 200))
  await stop()
  const dashboard = async () => (await signedIn.get('/dashboard')).statusCode === 200
  await eventually('the page of whoever was signed in', dashboard)
  await eventually('a sign-in', async () => (await stranger.submit('/login', alice)).statusCode === 303)
})

t.test('started while Redis is silent it is not ready, and becomes ready when Redis answers', async (t) => {
  const redis = await startRedis(t)
  const proxy = await startSlowProxy(t, redis.port)
  proxy.hold()
  const app = await build(t, {
    env: {
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      SESSION_SECRET: secret,
      STORAGE_PATIENCE: '300ms'
    }
  })
  const probe = new Visitor(app, 'program')
  t.equal((await probe.get('/health/ready')).statusCode, 503)
  proxy.release()
  await eventually('readiness', async () => (await probe.get('/health/ready')).statusCode === 200)
})
