import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { durabilityOf } from '../../src/redis/durability.ts'
import { startRedis } from '../servers/redis.ts'

async function connect(t: Test, settings: Record<string, string>) {
  const { port } = await startRedis(
    t,
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  )
  const redis = new Redis(port)
  t.teardown(() => redis.disconnect())
  return redis
}

t.test('reports an append-only file and noeviction', async (t) => {
  const redis = await connect(t, {})
  t.same(await durabilityOf(redis), {
    evictionPolicy: 'noeviction',
    appendsToFile: true,
    takesSnapshots: false
  })
})

t.test('reports snapshots and an eviction policy', async (t) => {
  const redis = await connect(t, {
    appendonly: 'no',
    save: '3600 1 300 100',
    'maxmemory-policy': 'volatile-lru'
  })
  t.same(await durabilityOf(redis), {
    evictionPolicy: 'volatile-lru',
    appendsToFile: false,
    takesSnapshots: true
  })
})

t.test('anything that may not be asked is left out', async (t) => {
  const redis = await connect(t, { appendonly: 'no' })
  await redis.acl('SETUSER', 'default', '-config')
  t.match(await durabilityOf(redis), { appendsToFile: false, takesSnapshots: undefined })
  await redis.acl('SETUSER', 'default', '-info')
  t.match(await durabilityOf(redis), { evictionPolicy: undefined, appendsToFile: undefined })
})

t.test('a Redis that is away is an error', async (t) => {
  const redis = await connect(t, {})
  redis.disconnect()
  await t.rejects(durabilityOf(redis))
})
