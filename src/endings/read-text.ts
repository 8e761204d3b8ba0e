import type { RedisClient } from '../redis/client.ts'
import { inRedis } from './in-redis.ts'
import type { ReadSession } from './store-endings.ts'

/** A session as it is in Redis, whether or not it is over. One round trip. */
export async function readText(redis: RedisClient, key: string): Promise<ReadSession | undefined> {
  const [text, expiresAt] = await inRedis(() => Promise.all([redis.get(key), redis.pexpiretime(key)]))
  return text === null ? undefined : { text, expiresAt }
}
