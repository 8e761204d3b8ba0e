import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from './client.ts'

const batchSize = 1000

/** All keys with the prefix, in batches; a key may come twice. SCAN does not block the masters. */
export async function* scanKeys(redis: RedisClient, prefix: string): AsyncGenerator<readonly string[]> {
  for (const master of mastersOf(redis)) {
    let cursor = '0'
    do {
      const [next, keys] = await master.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', batchSize)
      yield keys
      cursor = next
    } while (cursor !== '0')
  }
}

function mastersOf(redis: RedisClient): readonly Redis[] {
  if (!(redis instanceof Cluster)) return [redis]
  const masters = redis.nodes('master')
  // A cluster that has lost all masters must not look like one without keys.
  if (masters.length === 0) throw new Error('Not connected to the Cluster')
  return masters
}
