// group: failing-storage
import t from 'tap'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'

t.test(
  'while Redis is away nobody can sign in, nothing is half done, and then everything recovers',
  async (t) => {
    const redis = await startRedis(t)
    const app = await build(t, {
      env: { REDIS_URL: redis.url, SESSION_SECRET: secret, REGISTRATION: 'open' }
    })
    const browser = await registerAlice(app)

    await redis.stop()
    const refused = await browser.get('/dashboard')
    t.equal(refused.statusCode, 503)
    t.equal(refused.headers['retry-after'], '5')
    t.same(refused.cookies, [], 'the cookie stays')
    t.match(refused.body, 'Our storage does not answer right now')
    t.equal((await browser.get('/assets/latchkey/style.css')).statusCode, 200, 'the error page has its style')
    t.equal((await new Visitor(app, 'browser').get('/login')).statusCode, 200)
    const uncertain = await browser.get('/login?signedOut')
    t.equal(uncertain.statusCode, 200)
    t.notMatch(uncertain.body, 'You are signed out', 'nobody knows whether that is so')

    const stranger = new Visitor(app, 'browser')
    t.equal((await stranger.submit('/login', alice)).statusCode, 503)
    t.equal((await stranger.submit('/register', { ...alice, username: 'bob' })).statusCode, 503)
    t.equal((await app.latchkey.accounts.list()).length, 1, 'no account that nobody could sign in to')

    await redis.start()
    const page = await eventually('an answer', async () => {
      const answer = await browser.get('/dashboard')
      return answer.statusCode !== 503 && answer
    })
    t.match(page.body, 'alice', 'still signed in')
    // The counters have their own connection.
    await eventually('a sign-in', async () => (await stranger.submit('/login', alice)).statusCode === 303)
  }
)

t.test('a full Redis refuses sign-ins and keeps the existing ones', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, {
    env: { REDIS_URL: redis.url, SESSION_SECRET: secret, REGISTRATION: 'open' }
  })
  const browser = await registerAlice(app)
  const stranger = new Visitor(app, 'browser')
  await redis.configure('maxmemory', '1')

  const refused = await stranger.submit('/login', alice)
  t.equal(refused.statusCode, 503)
  t.equal(refused.headers['retry-after'], '5')
  t.same(refused.cookies, [])
  t.equal((await browser.get('/dashboard')).statusCode, 200)

  const bob = { ...alice, username: 'bob' }
  t.equal((await stranger.submit('/register', bob)).statusCode, 503)
  t.equal((await app.latchkey.accounts.list()).length, 1, 'no account whose name bob would find taken')

  t.equal((await browser.submit('/login', alice)).statusCode, 503)
  t.equal(
    (await browser.get('/dashboard')).statusCode,
    200,
    'signing in again did not end the existing session'
  )

  await redis.configure('maxmemory', '0')
  t.equal((await stranger.submit('/register', bob)).statusCode, 303)
  t.equal((await browser.submit('/login', alice)).statusCode, 303)
  t.equal(
    await redis.count(),
    3,
    'alice’s and bob’s, and for a minute that alice had another one: failed attempts left nothing'
  )
})

t.test('a hanging Redis leaves no session behind that was answered with 503', async (t) => {
  const redis = await startRedis(t)
  const env = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    REDIS_URL: redis.url,
    SESSION_SECRET: secret
  }
  const patient = await build(t, { env })
  await registerAlice(patient)
  const app = await build(t, { env: { ...env, STORAGE_PATIENCE: '300ms' } })

  redis.pause()
  // More than the free attempts: none of them counts.
  const tries = Array.from({ length: 12 }, () => new Visitor(app, 'browser').submit('/login', alice))
  for (const { statusCode } of await Promise.all(tries)) t.equal(statusCode, 503)
  redis.resume()
  t.equal((await new Visitor(patient, 'browser').submit('/login', alice)).statusCode, 303)

  await eventually('two sessions: the one before and the one after', async () => (await redis.count()) === 2)
})
