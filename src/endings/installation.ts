import type { RedisClient } from '../redis/client.ts'
import { inRedis } from './in-redis.ts'
import { installationKey } from './redis-keys.ts'

const claimEveryMilliseconds = 60 * 60 * 1000
/** Of an installation that is no more, nothing is left by then. */
export const installationSeconds = 24 * 60 * 60

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

/** Says again and again whose Redis it is: each hour, and soon after Redis has lost it. */
export class InstallationClaim {
  readonly #redis: RedisClient
  readonly #prefix: string
  #claimedAt = Number.NEGATIVE_INFINITY

  constructor({ redis, prefix }: { readonly redis: RedisClient; readonly prefix: string }) {
    this.#redis = redis
    this.#prefix = prefix
  }

  /** @param own the id of the ledger */
  async keep(own: string): Promise<void> {
    const isThere = await inRedis(() => this.#redis.exists(installationKey(this.#prefix)))
    const now = performance.now()
    if (isThere === 1 && now < this.#claimedAt + claimEveryMilliseconds) return
    await otherInstallation(this.#redis, this.#prefix, own)
    this.#claimedAt = now
  }
}
