import { defaultPatienceMilliseconds, withPatience } from '../primitives/patience.ts'
import { parseRedisAddress } from './address.ts'
import { makeClient, type RedisClient } from './client.ts'

export interface ConnectionListener {
  /** Called once each time Redis goes away, or is not there to begin with. */
  onLost(error: Error): void
  onBack(): void
}

/**
 * Opens the connection and gives it twice the patience to answer. Later it comes back by itself; while it is
 * away every command fails at once, so no request hangs (ioredis by default would queue it).
 * @param url as in REDIS_URL: see address.ts
 * @param patience how long each command waits for its answer, in milliseconds: STORAGE_PATIENCE
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
    // Told to the listener; the service starts without it and serves what needs no session.
  })
  return redis
}
