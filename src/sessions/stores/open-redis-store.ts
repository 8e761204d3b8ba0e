import { Cluster } from 'ioredis'
import { type ConnectionListener, connectRedis } from '../../redis/connect.ts'
import { RedisInvalidation } from '../cache/redis-invalidation.ts'
import { RedisStore } from './redis-store.ts'

/**
 * Connects to Redis and opens the store. In a Cluster a master that was cut off and replaced still answers pings, while
 * it refuses reads, so its notifications would be trusted for too long. There every read goes to Redis.
 * @param url as in REDIS_URL
 * @param patience timeout for an answer in milliseconds
 */
export async function openRedisStore(url: string, listener: ConnectionListener, patience: number) {
  const redis = await connectRedis(url, listener, patience)
  const store = new RedisStore(redis)
  if (redis instanceof Cluster) return { store }
  return { store, tellChanges: () => new RedisInvalidation(redis, store.prefix, { patience }) }
}
