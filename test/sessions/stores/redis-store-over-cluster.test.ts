// group: many-servers
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { connectRedis } from '../../../src/redis/connect.ts'
import { RedisStore } from '../../../src/sessions/stores/redis-store.ts'
import { eventually } from '../../servers/eventually.ts'
import { patience } from '../../servers/patience.ts'
import type { RedisServer } from '../../servers/redis.ts'
import { startRedisCluster } from '../../servers/redis-cluster.ts'
import { everyInterleavingIsRight } from '../interleavings.ts'
import { comesBack, failsAtOnce, failsClosed, keepsTheContract } from '../session-store.contract.ts'

const cluster = await startRedisCluster(t)
/** Longer than the tests ever set the clock forward. */
const day = 24 * 3_600_000

async function open(t: Test, waits = patience) {
  const told: string[] = []
  const listener = {
    onLost: ({ message }: Error) => void told.push(message),
    onBack: () => void told.push('back')
  }
  const redis = await connectRedis(cluster.url, listener, waits)
  const store = new RedisStore(redis)
  t.teardown(() => store.close())
  return { store, told }
}

t.test('over a Cluster', async (t) => {
  keepsTheContract(t, async (t) => {
    const { store } = await open(t)
    await Promise.all(cluster.nodes.slice(0, 3).map((master) => master.ask('FLUSHALL')))
    const { now, until } = cluster.nodes[0]!
    return { store, now, until }
  })
})

t.test('over a Cluster no interleaving of two clients loses or revives anything', async (t) => {
  const { store } = await open(t)
  const emptied = async () => {
    await Promise.all(cluster.nodes.slice(0, 3).map((master) => master.ask('FLUSHALL')))
    return [store, store] as const
  }
  await fc.assert(everyInterleavingIsRight(emptied), { numRuns: 25 })
  t.pass()
})

t.test('the first commands reach the right node', async (t) => {
  const { store } = await open(t)
  const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`)
  await Promise.all(keys.map((key) => store.load(key)))
})

t.test('while the Cluster hangs everything fails, and afterwards it recovers by itself', async (t) => {
  const { store } = await open(t, 300)
  for (const node of cluster.nodes) node.pause()
  await failsClosed(t, store)
  await failsClosed(t, store)
  for (const node of cluster.nodes) node.resume()
  await comesBack(store)
})

t.test(
  'while the Cluster is gone everything fails at once, and afterwards it recovers by itself',
  async (t) => {
    const { store, told } = await open(t)
    const session = { text: '{}', expiresAt: Date.now() + day }
    await store.create('kept', session)
    await Promise.all(cluster.nodes.map((node) => node.stop()))
    await failsAtOnce(t, store)
    await eventually('the news', () => told.length > 0)
    await Promise.all(cluster.nodes.map((node) => node.start()))
    await eventually('an answer', async () => (await store.load('kept')) !== undefined)
    t.same(await store.load('kept'), session)
    t.equal(told.length, 2)
    t.match(told, [/no master of the Cluster answers/, 'back'], 'each is reported once')
  }
)

t.test('if one master hangs, only its slots fail', async (t) => {
  const { store } = await open(t, 300)
  const there = await cluster.masterOf('sess:key')
  const other = await keyElsewhere(there)
  const patient = await open(t)
  await patient.store.create(other, { text: '{}', expiresAt: Date.now() + day })
  await comesBack(store)
  there.pause()
  t.teardown(() => there.resume())
  await t.rejects(store.load('key'), { code: 'LATCHKEY_STORAGE_UNAVAILABLE' })
  t.match(await eventually('an answer', () => store.load(other)), { text: '{}' })
})

async function keyElsewhere(than: RedisServer): Promise<string> {
  for (let index = 0; ; index += 1) {
    const key = `elsewhere ${index}`
    if ((await cluster.masterOf(`sess:${key}`)) !== than) return key
  }
}
