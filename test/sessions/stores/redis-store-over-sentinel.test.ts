// group: many-servers
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { StorageError } from '../../../src/errors/errors.ts'
import { connectRedis } from '../../../src/redis/connect.ts'
import { RedisStore } from '../../../src/sessions/stores/redis-store.ts'
import { eventually } from '../../servers/eventually.ts'
import { patience } from '../../servers/patience.ts'
import { startSentinelSetup } from '../../servers/redis-sentinel.ts'
import { everyInterleavingIsRight } from '../interleavings.ts'
import { comesBack, failsAtOnce, keepsTheContract } from '../session-store.contract.ts'

const setup = await startSentinelSetup(t)
/** Longer than the tests ever set the clock forward. */
const day = 24 * 3_600_000

async function open(t: Test, waits = patience) {
  const told: string[] = []
  const listener = {
    onLost: ({ message }: Error) => void told.push(message),
    onBack: () => void told.push('back')
  }
  const redis = await connectRedis(setup.url, listener, waits)
  const store = new RedisStore(redis)
  t.teardown(() => store.close())
  return { store, redis, told }
}

t.test('over Sentinel', async (t) => {
  keepsTheContract(t, async (t) => {
    const { store, redis } = await open(t)
    await eventually('an empty Redis', async () => (await redis.flushall()) === 'OK')
    const { now, until } = await setup.master()
    return { store, now, until }
  })
})

t.test('over Sentinel no interleaving of two clients loses or revives anything', async (t) => {
  const { store, redis } = await open(t)
  const emptied = async () => {
    await redis.flushall()
    return [store, store] as const
  }
  await fc.assert(everyInterleavingIsRight(emptied), { numRuns: 25 })
  t.pass()
})

t.test('without a master everything fails at once, and works again with the new one', async (t) => {
  const { store, told } = await open(t)
  const session = { text: '{"user":"alice"}', expiresAt: Date.now() + day }
  await store.create('key', session)
  const before = await setup.master()
  await setup.replicated()

  await before.stop()
  await failsAtOnce(t, store)
  await eventually('the news', () => told.length > 0)
  await setup.failOver()
  await eventually('an answer', async () => (await store.load('key')) !== undefined)

  t.same(await store.load('key'), session)
  t.match(told, [/ECONNREFUSED/, 'back'], 'each is reported once')
  t.equal(told.length, 2)
  await before.start()
})

t.test('while the master hangs everything fails, until there is a new one', async (t) => {
  const { store } = await open(t, 300)
  const before = await setup.master()
  await setup.replicated()
  before.pause()
  t.teardown(() => before.resume())
  await t.rejects(store.load('key'), StorageError)
  await setup.failOver()
  await comesBack(store)
})

t.test('a master that was replaced while it hung is not used when it wakes up', async (t) => {
  const { store } = await open(t)
  const session = { text: '{"user":"alice"}', expiresAt: Date.now() + day }
  await store.create('ended elsewhere', session)
  const before = await setup.master()
  await setup.replicated()

  before.pause()
  t.teardown(() => before.resume())
  await setup.failOver()
  const elsewhere = await open(t)
  await elsewhere.store.revoke('ended elsewhere')
  before.resume()

  t.equal(await store.load('ended elsewhere').catch(() => undefined), undefined)
})
