import t from 'tap'
import { build, countSessions, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

const visits = 1000
/** So many log lines would cost more than the visits. */
const LOG_LEVEL = 'error'

t.test('1,000 first visits leave no row in the embedded database', async (t) => {
  const app = await build(t, { env: { LOG_LEVEL } })
  for (let visit = 0; visit < visits; visit += 1) await new Visitor(app, 'browser').get('/login')
  t.equal(countSessions(app), 0)
})

t.test('1,000 first visits leave no key in Redis', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret, LOG_LEVEL } })
  const keysOfTheStart = await redis.ask('KEYS', '*')
  // As JSON: rendering the page takes time and does not concern Redis.
  for (let visit = 0; visit < visits; visit += 1) await new Visitor(app, 'program').get('/login')
  t.same(await redis.ask('KEYS', '*'), keysOfTheStart)
})
