import { defaultPatienceMilliseconds, withPatience } from '../primitives/patience.ts'
import { parseRedisAddress } from './address.ts'
import { makeClient, type RedisClient } from './client.ts'

export interface ConnectionListener {
  /** Called once each time Redis goes down, also if it is down from the start. */
  onLost(error: Error): void
  onBack(): void
}

/**
 * Connects, and waits up to twice the timeout. Later it reconnects by itself; while Redis is down every
 * command fails at once, so that no request hangs (ioredis queues by default).
 * @param url as in REDIS_URL: see address.ts
 * @param patience timeout of each command in milliseconds: STORAGE_PATIENCE
 */
export async function connectRedis(
  url: string,
  listener: ConnectionListener,
  patience = defaultPatienceMilliseconds
): Promise<RedisClient> {
  const redis = makeClient(parseRedisAddress(url), patience)
  let isAway = false
  redis.on('error', (error: Error) => {
    if (!isAway) listener.onLost(error)
    isAway = true
  })
  redis.on('ready', () => {
    if (isAway) listener.onBack()
    isAway = false
  })
  await withPatience(2 * patience, redis.connect(), () => new Error('not connected yet')).catch(() => {
    // Reported to the listener; the service starts without Redis and serves what needs no session.
  })
  return redis
}
