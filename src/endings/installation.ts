import type { RedisClient } from '../redis/client.ts'
import { inRedis } from './in-redis.ts'
import { installationKey } from './redis-keys.ts'

/** Of an installation that is no more, nothing is left by then. */
const installationSeconds = 24 * 60 * 60

/**
 * Says in Redis whose it is, for a day.
 * @param own the id of the ledger
 * @returns the id of another ledger whose installation has the same prefix on it
 */
export function otherInstallation(
  redis: RedisClient,
  prefix: string,
  own: string
): Promise<string | undefined> {
  const key = installationKey(prefix)
  return inRedis(async () => {
    await redis.set(key, own, 'EX', installationSeconds, 'NX')
    const found = await redis.get(key)
    if (found !== own) return found ?? undefined
    await redis.expire(key, installationSeconds)
    return undefined
  })
}
