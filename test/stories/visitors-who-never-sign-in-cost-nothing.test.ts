import t from 'tap'
import { build, countSessions, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

const visits = 10_000

t.test('10,000 first visits leave no row in the embedded database', async (t) => {
  const app = await build(t)
  for (let visit = 0; visit < visits; visit += 1) await new Visitor(app, 'browser').get('/login')
  t.equal(countSessions(app), 0)
})

t.test('10,000 first visits leave no key in Redis', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret } })
  for (let visit = 0; visit < visits; visit += 1) await new Visitor(app, 'browser').get('/login')
  t.equal(await redis.count(), 0)
})
