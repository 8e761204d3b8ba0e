import t from 'tap'
import { build, registerAlice, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

t.test('with the embedded database and the secret it created itself', async (t) => {
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  const before = await build(t, { env })
  const { cookies } = await registerAlice(before)
  await before.close()

  const browser = new Visitor(await build(t, { env }), 'browser')
  browser.cookies = cookies
  t.equal((await browser.get('/dashboard')).statusCode, 200)
})

t.test('with Redis, which alone holds the sessions', async (t) => {
  const redis = await startRedis(t)
  const env = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    REDIS_URL: redis.url,
    SESSION_SECRET: secret
  }
  const before = await build(t, { env })
  const { cookies } = await registerAlice(before)
  await before.close()

  const browser = new Visitor(await build(t, { env }), 'browser')
  browser.cookies = cookies
  t.equal((await browser.get('/dashboard')).statusCode, 200)
  await browser.submit('/logout')
  browser.cookies = cookies
  t.equal((await browser.get('/dashboard')).statusCode, 303)
})
