import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from './redis-client.ts'

const atOnce = 1000

/** Every key that begins so, in parts; a key may come twice. Goes through each master without holding it up. */
export async function* keysFrom(redis: RedisClient, prefix: string): AsyncGenerator<readonly string[]> {
  for (const master of mastersOf(redis)) {
    let cursor = '0'
    do {
      const [next, keys] = await master.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', atOnce)
      yield keys
      cursor = next
    } while (cursor !== '0')
  }
}

function mastersOf(redis: RedisClient): readonly Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis]
}
