import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

t.test(
  'while Redis is away nobody is let in, nothing is half done, and afterwards all goes on',
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
    t.same(refused.cookies, [], 'the cookie is left alone')
    t.match(refused.body, 'Our storage does not answer right now')
    t.equal((await browser.get('/assets/latchkey/style.css')).statusCode, 200, 'the error page has its looks')
    t.equal((await new Visitor(app, 'browser').get('/login')).statusCode, 200)

    const stranger = new Visitor(app, 'browser')
    t.equal((await stranger.submit('/login', alice)).statusCode, 503)
    t.equal((await stranger.submit('/register', { ...alice, username: 'bob' })).statusCode, 503)
    t.equal((await app.latchkey.accounts.list()).length, 1, 'no account that nobody could sign in to')

    await redis.start()
    while ((await browser.get('/dashboard')).statusCode === 503)
      await new Promise((done) => setTimeout(done, 20))
    t.match((await browser.get('/dashboard')).body, 'alice', 'still signed in')
    t.equal((await stranger.submit('/login', alice)).statusCode, 303)
  }
)

t.test('a Redis that takes no more writes refuses sign-ins and keeps those there are', async (t) => {
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
    'signing in again did not cost the session there was'
  )

  await redis.configure('maxmemory', '0')
  t.equal((await stranger.submit('/register', bob)).statusCode, 303)
  t.equal((await browser.submit('/login', alice)).statusCode, 303)
  t.equal(await redis.count(), 2, 'alice’s and bob’s: nothing is left of what was tried')
})

t.test('a Redis that hangs leaves no session behind that was answered 503', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret } })
  await registerAlice(app)

  redis.pause()
  const tries = Array.from({ length: 5 }, () => new Visitor(app, 'browser').submit('/login', alice))
  for (const { statusCode } of await Promise.all(tries)) t.equal(statusCode, 503)
  redis.resume()
  while ((await new Visitor(app, 'browser').submit('/login', alice)).statusCode !== 303) await sleep(20)

  t.equal(await redis.count(), 2, 'the one before and the one after')
})
