import { ConfigError } from '../errors/errors.ts'
import type { StoreRefusal } from '../errors/store-refusal.ts'
import { defaultPatienceMilliseconds, withPatience } from '../primitives/patience.ts'
import { parseRedisAddress, type RedisAddress } from './address.ts'
import { makeClient, type RedisClient } from './client.ts'
import { refusalOf } from './refusals.ts'
import { tlsMismatch } from './tls-mismatch.ts'

export interface ConnectionListener {
  /**
   * Called once each time Redis goes down, also if it is down from the start, and once it is known that it refuses.
   * @param error a StoreRefusal: waiting does not mend it
   */
  onLost(error: Error): void
  onBack(): void
}

/**
 * Connects, and waits up to twice the timeout. Later it reconnects by itself; while Redis is down every
 * command fails at once, so that no request hangs (ioredis queues by default).
 * @param url as in REDIS_URL: see address.ts
 * @param patience timeout of each command in milliseconds: STORAGE_PATIENCE
 * @throws {ConfigError} when Redis refuses, and waiting does not mend that
 */
export async function connectRedis(
  url: string,
  listener: ConnectionListener,
  patience = defaultPatienceMilliseconds
): Promise<RedisClient> {
  const address = parseRedisAddress(url)
  const redis = makeClient(address, patience)
  const { promise: refused, reject: refuse } = Promise.withResolvers<never>()
  let isStarting = true
  let told: 'away' | 'refuses' | undefined
  redis.on('error', (error: Error) => {
    const refusal = refusalOf(error)
    if (refusal && isStarting) return refuse(refusedConfig(refusal))
    const what = refusal ? 'refuses' : 'away'
    if (told !== what) listener.onLost(refusal ?? error)
    told = what
  })
  redis.on('ready', () => {
    if (told) listener.onBack()
    told = undefined
  })
  try {
    await Promise.race([
      refused,
      withPatience(2 * patience, redis.connect(), () => new Error('not connected yet'))
    ])
  } catch (error) {
    const refusal = error instanceof ConfigError ? error : await lateRefusal(refused, address, patience)
    if (refusal) {
      redis.disconnect()
      throw refusal
    }
    // Reported to the listener; the service starts without Redis and serves what needs no session.
  }
  isStarting = false
  return redis
}

/** The next attempt may say why. */
async function lateRefusal(refused: Promise<never>, address: RedisAddress, patience: number) {
  if (address.kind === 'single') {
    const mismatch = await tlsMismatch(address.url, patience)
    if (mismatch) return refusedConfig(mismatch)
  }
  return Promise.race([refused, undefined]).catch((refusal: ConfigError) => refusal)
}

export function refusedConfig(refusal: StoreRefusal): ConfigError {
  return new ConfigError([`REDIS_URL names a Redis that refuses: ${refusal.message}`])
}
