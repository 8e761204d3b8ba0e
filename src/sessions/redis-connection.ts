import { setTimeout } from 'node:timers/promises'
import { parseRedisAddress } from './redis-address.ts'
import { makeClient, type RedisClient } from './redis-client.ts'

export interface ConnectionListener {
  /** Called once each time Redis goes away, or is not there to begin with. */
  onLost(error: Error): void
  onBack(): void
}

/**
 * Opens the connection and gives it up to a second to answer. Later it comes back by itself; while it is
 * away every command fails at once, so no request hangs (ioredis by default would queue it).
 * @param url as in REDIS_URL: see redis-address.ts
 */
export async function connectRedis(url: string, listener: ConnectionListener): Promise<RedisClient> {
  const redis = makeClient(parseRedisAddress(url))
  let isAway = false
  redis.on('error', (error: Error) => {
    if (!isAway) listener.onLost(error)
    isAway = true
  })
  redis.on('ready', () => {
    if (isAway) listener.onBack()
    isAway = false
  })
  const connected = redis.connect().catch(() => {
    // Told to the listener; the service starts without it and serves what needs no session.
  })
  await Promise.race([connected, setTimeout(1000, undefined, { ref: false })])
  return redis
}
