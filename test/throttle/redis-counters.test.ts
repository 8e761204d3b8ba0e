import t, { type Test } from 'tap'
import { connectRedis } from '../../src/redis/connect.ts'
import { address, pair } from '../../src/throttle/allowances.ts'
import { RedisCounters } from '../../src/throttle/redis-counters.ts'
import { eventually } from '../servers/eventually.ts'
import { patience } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import { countsByTheContract, limit } from './counters.contract.ts'

const server = await startRedis(t)
const unheard = { onLost: () => {}, onBack: () => {} }

async function open(t: Test, url = server.url, ownPatience = patience) {
  let time = Date.now()
  const redis = await connectRedis(url, unheard, ownPatience)
  const counters = new RedisCounters(redis, { patience: ownPatience, now: () => time })
  t.teardown(() => counters.close())
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { counters, redis, now: () => time, pass }
}

t.test('in Redis', async (t) => {
  countsByTheContract(t, async (t) => {
    const opened = await open(t)
    await opened.redis.flushall()
    return opened
  })
})

t.test('in a Cluster', async (t) => {
  const cluster = await startRedisCluster(t)
  countsByTheContract(t, async (t) => {
    await Promise.all(cluster.nodes.slice(0, 3).map((master) => master.ask('FLUSHALL')))
    return open(t, cluster.url)
  })
})

t.test('several machines count together', async (t) => {
  const machines = await Promise.all([open(t), open(t), open(t)])
  await machines[0].redis.flushall()
  const taken = await Promise.all(
    Array.from({ length: 30 }, (_, index) => machines[index % 3]!.counters.take([limit('key', pair)]))
  )
  t.equal(taken.filter(({ ok }) => ok).length, 5)
})

t.test('Redis drops a counter when its time is over', async (t) => {
  const { counters, redis, now, pass } = await open(t)
  await redis.flushall()
  await counters.take([limit('key', address)])
  const [key = ''] = await redis.keys('*')
  t.equal(await redis.pexpiretime(key), now() + address.expiresAfter)
  pass(1000)
  await counters.take([limit('key', address)])
  t.equal(await redis.pexpiretime(key), now() + address.expiresAfter, 'each attempt extends it')
  await counters.take([limit('key', { ...address, expiresAfter: 1 })])
  t.equal(await redis.pexpiretime(key), now() + address.expiresAfter, 'never sooner than promised')
})

t.test('every operation fails with a StorageError while Redis is gone', async (t) => {
  const own = await startRedis(t)
  const { counters } = await open(t, own.url)
  await own.stop()
  const error = { code: 'LATCHKEY_STORAGE_UNAVAILABLE' }
  await t.rejects(counters.take([limit('key', pair)]), error)
  await t.rejects(counters.backOff('key', 1), error)
  await t.rejects(counters.release([limit('key', pair)]), error)
  await t.rejects(counters.release([], ['key']), error)
})

t.test('an attempt that a stalled Redis reads too late is not counted', async (t) => {
  const stalling = await startRedis(t)
  const limits = [limit('key', pair)]
  const patient = await open(t, stalling.url)
  const hasty = await open(t, stalling.url, 300)
  const counts = await eventually('an answer in time', async () => {
    const taken = await hasty.counters.take(limits)
    return taken.ok && taken.counts
  })
  stalling.pause()
  for (let attempt = 0; attempt < 3; attempt += 1) await t.rejects(hasty.counters.take(limits))
  stalling.resume()
  await stalling.ask('PING')
  t.match(await patient.counters.take(limits), { ok: true, counts: [Number(counts[0]) + 1] })
})

t.test('an attempt is counted although one of the clocks was set', async (t) => {
  const { counters, redis } = await open(t)
  await redis.flushall()
  const limits = [limit('key', pair)]
  await counters.take(limits)
  const { now } = performance
  t.teardown(() => Object.assign(performance, { now }))
  performance.now = () => now.call(performance) - 3_600_000
  t.match(await counters.take(limits), { ok: true, counts: [2] })
})
