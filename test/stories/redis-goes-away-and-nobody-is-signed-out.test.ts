// group: failing-storage
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { build, secret } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { isHonest, signInMany, visitSteadily } from '../visit-steadily.ts'

const people = 1000
/** Enough that each of the concurrent visitors is answered several times. */
const many = 25

interface Outage {
  readonly title: string
  readonly env?: Record<string, string>
  /** Resolves when Redis is down. */
  goAway(redis: RedisServer): Promise<void>
  /** Resolves when Redis is up. */
  comeBack(redis: RedisServer): Promise<void>
}

const outages: readonly Outage[] = [
  {
    title: 'Redis is killed under load and comes back',
    goAway: (redis) => redis.stop(),
    comeBack: (redis) => redis.start()
  },
  {
    title: 'a Redis that is still reading its file is away until it has',
    goAway: (redis) => redis.stop(),
    // Half a millisecond for each write; meanwhile it answers now and then that it is loading.
    comeBack: (redis) =>
      redis.start(...['--key-load-delay', '500', '--loading-process-events-interval-bytes', '1024'])
  },
  {
    title: 'Redis is frozen for a while',
    env: { STORAGE_PATIENCE: '300ms' },
    goAway: async (redis) => redis.pause(),
    comeBack: async (redis) => redis.resume()
  }
]

t.test('one Redis with everybody’s sessions', async (t) => {
  const redis = await startRedis(t)
  const where = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    REDIS_URL: redis.url,
    SESSION_SECRET: secret
  }
  const cookies = await signInMany(await build(t, { env: where }), people)
  for (const outage of outages) {
    await t.test(`${outage.title}: every response is honest, and everybody is still signed in`, async (t) => {
      const app = await build(t, { env: { ...where, ...outage.env } })
      await survives(t, outage, { redis, app, cookies })
    })
  }
})

interface Everybody {
  readonly redis: RedisServer
  readonly app: FastifyInstance
  readonly cookies: readonly string[]
}

async function survives(t: Test, { goAway, comeBack }: Outage, { redis, app, cookies }: Everybody) {
  const page = `${await app.listen({ port: 0, host: '127.0.0.1' })}/dashboard`
  const { answers, more, stop } = visitSteadily(page, cookies)
  const pages = () => answers.filter(({ status }) => status === 200).length
  await eventually('pages', () => pages() > many)
  const all = answers.length
  await goAway(redis)
  // Until the lost connection is noticed, a page may still come from the cache.
  await eventually('a refusal', () => answers.slice(all).some(isHonest))
  const gone = answers.length
  // These responses during the outage show that nobody waits for it.
  await more(many)
  const coming = answers.length
  await comeBack(redis)
  const pagesBefore = pages()
  await eventually('pages again', () => pages() > pagesBefore + many)
  await stop()

  const during = answers.slice(0, coming).filter(({ askedAt }) => askedAt >= gone)
  t.ok(during.length > 0 && during.every(isHonest), `all ${during.length} responses during it are honest`)
  t.ok(
    answers.every((answer) => answer.status === 200 || isHonest(answer)),
    'there is no third kind of response'
  )
  t.equal(await countAlive(app, cookies), people, 'everybody is still signed in')
}

async function countAlive(app: FastifyInstance, cookies: readonly string[]): Promise<number> {
  let alive = 0
  for (const cookie of cookies) {
    const { statusCode } = await eventually('an answer about the session', async () => {
      const answer = await app.inject({ url: '/dashboard', headers: { cookie } })
      return answer.statusCode !== 503 && answer
    })
    if (statusCode === 200) alive += 1
  }
  return alive
}
