import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { build, secret } from '../build.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type Answer, longest, signInMany, visit, visitSteadily } from '../steady-visits.ts'

const people = 1000

interface Outage {
  readonly title: string
  readonly seconds: number
  goAway(redis: RedisServer): Promise<void>
  /** Answers when Redis does. */
  comeBack(redis: RedisServer): Promise<void>
}

const killed = {
  goAway: (redis: RedisServer) => redis.stop(),
  comeBack: (redis: RedisServer) => redis.start()
}
const outages: readonly Outage[] = [
  { ...killed, title: 'Redis is killed under load and back after 5 s', seconds: 5 },
  { ...killed, title: 'Redis is killed under load and back after 15 s', seconds: 15 },
  {
    title: 'a Redis that is still reading its file is away until it has',
    seconds: 1,
    goAway: killed.goAway,
    // Half a millisecond for each write, answering now and then that it is loading.
    comeBack: (redis) =>
      redis.start(...['--key-load-delay', '500', '--loading-process-events-interval-bytes', '1024'])
  },
  {
    title: 'Redis is frozen for 5 s',
    seconds: 5,
    goAway: async (redis) => redis.pause(),
    comeBack: async (redis) => redis.resume()
  }
]

// Prepared one after another, so that none disturbs what is measured in another.
const prepared = []
for (const outage of outages) prepared.push({ outage, town: await settle(t) })
// Each waits most of the time, so they wait together.
t.jobs = outages.length
for (const { outage, town } of prepared) {
  t.test(outage.title, { buffered: true }, (t) => survives(t, { ...outage, ...town }))
}

/** A service with its Redis and the cookies of everybody. */
async function settle(t: Test) {
  const redis = await startRedis(t)
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret } })
  const page = `${await app.listen({ port: 0, host: '127.0.0.1' })}/dashboard`
  return { redis, page, cookies: await signInMany(app, people) }
}

type Town = Awaited<ReturnType<typeof settle>>

async function survives(t: Test, { seconds, goAway, comeBack, redis, page, cookies }: Outage & Town) {
  const stop = visitSteadily(page, cookies)
  await sleep(500)
  const goingAt = performance.now()
  await goAway(redis)
  const goneAt = performance.now()
  await sleep(seconds * 1000)
  const comingAt = performance.now()
  await comeBack(redis)
  const backAt = performance.now()
  await sleep(1500)
  const answers = await stop()

  const before = answers.filter(({ answeredAt }) => answeredAt < goingAt)
  t.ok(before.length > 0 && before.every(({ status }) => status === 200), 'before it every answer is a page')
  const during = answers.filter(({ askedAt, answeredAt }) => askedAt > goneAt && answeredAt < comingAt)
  t.ok(during.length > 10 && during.every(isHonest), `all ${during.length} answers during it are honest`)
  t.ok(
    answers.every((answer) => answer.status === 200 || isHonest(answer)),
    'there is no third kind of answer'
  )
  t.ok(longest(answers) < 1000, `the longest of ${answers.length} answers took ${longest(answers)} ms`)
  const firstPage = answers
    .filter(({ status, answeredAt }) => status === 200 && answeredAt > comingAt)
    .sort((one, other) => one.answeredAt - other.answeredAt)[0]
  const afterMilliseconds = Math.round((firstPage?.answeredAt ?? Number.POSITIVE_INFINITY) - backAt)
  t.ok(afterMilliseconds < 1000, `the first page came ${afterMilliseconds} ms after Redis was back`)
  t.equal(await countAlive(page, cookies), people, 'everybody is still signed in')
  const backSeconds = ((backAt - comingAt) / 1000).toFixed(1)
  t.comment(`longest answer ${longest(answers)} ms of ${answers.length}`)
  t.comment(`Redis took ${backSeconds} s to be back, the first page came ${afterMilliseconds} ms after that`)
}

/** It says that it cannot, when to try again, and leaves the cookie alone. */
function isHonest({ status, retryAfter, setsCookie }: Answer): boolean {
  return status === 503 && Number(retryAfter) > 0 && !setsCookie
}

/** On a machine with much else to do Redis may be late once more; that says nothing about the session. */
async function answerTo(page: string, cookie: string): Promise<Answer> {
  for (;;) {
    const answer = await visit(page, cookie)
    if (answer.status !== 503) return answer
  }
}

async function countAlive(page: string, cookies: readonly string[]): Promise<number> {
  let alive = 0
  for (const cookie of cookies) if ((await answerTo(page, cookie)).status === 200) alive += 1
  return alive
}
