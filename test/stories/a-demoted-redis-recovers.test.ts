// group: failing-storage
import t from 'tap'
import { askDashboard } from '../ask-dashboard.ts'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { infoOf, replicated, startRedis } from '../servers/redis.ts'

t.test('a read-only Redis signs nobody in or out, and is used again once it is a master', async (t) => {
  const redis = await startRedis(t)
  const other = await startRedis(t, '--replicaof', '127.0.0.1', `${redis.port}`)
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret } })
  const browser = await registerAlice(app)
  await replicated(redis.port, [other.port])

  const { counts, stop } = askDashboard(t, browser)
  await other.ask('REPLICAOF', 'NO', 'ONE')
  await redis.ask('REPLICAOF', '127.0.0.1', other.port)
  await eventually('a replica', async () => (await infoOf(redis.port, 'master_link_status')) === 'up')
  const refused = await new Visitor(app, 'browser').submit('/login', alice)
  t.equal(refused.statusCode, 503)
  t.same(refused.cookies, [])

  await redis.ask('REPLICAOF', 'NO', 'ONE')
  await eventually('a sign-in', async () => {
    return (await new Visitor(app, 'browser').submit('/login', alice)).statusCode === 303
  })
  t.equal((await browser.get('/dashboard')).statusCode, 200, 'still signed in')
  await eventually('a page', () => counts.pages > 0)
  await stop()
})
