// group: failing-storage
import t, { type Test } from 'tap'
import { build, secret } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { isHonest, signInMany, visit, visitSteadily } from '../steady-visits.ts'

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

for (const outage of outages) {
  t.test(`${outage.title}: every response is honest, and everybody is still signed in`, async (t) => {
    await survives(t, outage)
  })
}

async function survives(t: Test, { env = {}, goAway, comeBack }: Outage) {
  const { redis, page, cookies } = await settle(t, env)
  const { answers, more, stop } = visitSteadily(page, cookies)
  const pages = () => answers.filter(({ status }) => status === 200).length
  await eventually('pages', () => pages() > many)
  await goAway(redis)
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
  t.equal(await countAlive(page, cookies), people, 'everybody is still signed in')
}

/** A service with its Redis and everybody's cookies. */
async function settle(t: Test, env: Record<string, string>) {
  const redis = await startRedis(t)
  const where = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    REDIS_URL: redis.url,
    SESSION_SECRET: secret
  }
  const cookies = await signInMany(await build(t, { env: where }), people)
  const app = await build(t, { env: { ...where, ...env } })
  const page = `${await app.listen({ port: 0, host: '127.0.0.1' })}/dashboard`
  return { redis, page, cookies }
}

async function countAlive(page: string, cookies: readonly string[]): Promise<number> {
  let alive = 0
  for (const cookie of cookies) {
    const { status } = await eventually('an answer about the session', async () => {
      const answer = await visit(page, cookie)
      return answer.status !== 503 && answer
    })
    if (status === 200) alive += 1
  }
  return alive
}
