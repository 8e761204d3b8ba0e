// group: many-servers
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { connectRedis } from '../../../src/redis/connect.ts'
import { RedisSessions } from '../../../src/sessions/stores/redis-store.ts'
import { eventually } from '../../servers/eventually.ts'
import type { RedisServer } from '../../servers/redis.ts'
import { startRedisCluster } from '../../servers/redis-cluster.ts'
import { everyInterleavingIsRight } from '../interleavings.ts'
import { failsClosed, keepsTheContract } from '../session-store.contract.ts'

const cluster = await startRedisCluster(t)
const hour = 3_600_000

async function open(t: Test) {
  const told: string[] = []
  const redis = await connectRedis(cluster.url, {
    onLost: (error) => told.push(error.message),
    onBack: () => told.push('back')
  })
  const store = new RedisSessions(redis)
  t.teardown(() => store.close())
  return { store, told }
}

t.test('over a Cluster', async (t) => {
  keepsTheContract(t, async (t) => {
    const { store } = await open(t)
    await Promise.all(cluster.nodes.slice(0, 3).map((master) => master.ask('FLUSHALL')))
    return { store, now: Date.now, pass: (milliseconds) => sleep(milliseconds) }
  })
})

t.test(
  'whatever two clients do at once over a Cluster, nothing is lost and nothing comes back',
  async (t) => {
    const { store } = await open(t)
    const emptied = async () => {
      await Promise.all(cluster.nodes.slice(0, 3).map((master) => master.ask('FLUSHALL')))
      return [store, store] as const
    }
    await fc.assert(everyInterleavingIsRight(emptied), { numRuns: 25 })
    t.pass()
  }
)

t.test('the very first commands all find their node', async (t) => {
  const { store } = await open(t)
  const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`)
  await Promise.all(keys.map((key) => store.load(key)))
})

t.test('a hanging Cluster fails everything within a second, and it comes back by itself', async (t) => {
  const { store } = await open(t)
  for (const node of cluster.nodes) node.pause()
  await failsClosed(t, store, 1000)
  await failsClosed(t, store, 1000)
  for (const node of cluster.nodes) node.resume()
  await eventually('an answer', async () =>
    store.create(`after ${Date.now()}`, { text: '{}', expiresAt: Date.now() + hour })
  )
})

t.test('a Cluster that is gone fails everything at once, and it comes back by itself', async (t) => {
  const { store, told } = await open(t)
  const session = { text: '{}', expiresAt: Date.now() + hour }
  await store.create('kept', session)
  await Promise.all(cluster.nodes.map((node) => node.stop()))
  await failsClosed(t, store, 1000)
  await sleep(300)
  await Promise.all(cluster.nodes.map((node) => node.start()))
  await eventually('an answer', async () => (await store.load('kept')) !== undefined)
  t.same(await store.load('kept'), session)
  t.equal(told.length, 2)
  t.match(told, [/no master of the Cluster answers/, 'back'], 'each is told once')
})

t.test('a master that hangs fails what lies there within a second, and nothing else', async (t) => {
  const { store } = await open(t)
  const there = await cluster.masterOf('sess:key')
  const other = await keyElsewhere(there)
  await store.create(other, { text: '{}', expiresAt: Date.now() + hour })
  there.pause()
  t.teardown(() => there.resume())
  const askedAt = performance.now()
  const [hanging, served] = await Promise.allSettled([store.load('key'), store.load(other)])
  t.ok(performance.now() - askedAt < 1000)
  t.match(hanging, { status: 'rejected', reason: { code: 'LATCHKEY_STORAGE_UNAVAILABLE' } })
  t.match(served, { status: 'fulfilled', value: { text: '{}' } })
})

async function keyElsewhere(than: RedisServer): Promise<string> {
  for (let index = 0; ; index += 1) {
    const key = `elsewhere ${index}`
    if ((await cluster.masterOf(`sess:${key}`)) !== than) return key
  }
}
