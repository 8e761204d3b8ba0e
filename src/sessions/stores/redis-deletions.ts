import { readClaim } from '../../endings/claim-script.ts'
import type { RedisClient } from '../../redis/client.ts'
import { runScript, script } from '../../redis/script.ts'

/** Deletes a session if its text, and its expiry if it is given, are still the same. */
const deleteUnchanged = script(`
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  if ARGV[2] and redis.call('PEXPIRETIME', KEYS[1]) ~= tonumber(ARGV[2]) then return 0 end
  return redis.call('UNLINK', KEYS[1])
`)

/** Deletes a session if it is of this owner and of a lower epoch: it may have been stamped anew since it was listed. */
const deleteBelow = script(`
  ${readClaim}
  local text = redis.call('GET', KEYS[1])
  if not text then return 0 end
  local claim = claimIn(text)
  if not claim or claim.owner ~= ARGV[1] or claim.epoch >= tonumber(ARGV[2]) then return 0 end
  return redis.call('UNLINK', KEYS[1])
`)

/** Deletes sessions in Redis, one command for each: on a Cluster they are on different machines. */
export class RedisDeletions {
  readonly #redis: RedisClient
  readonly #prefix: string

  constructor(redis: RedisClient, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  /** @returns whether it was there, and had this text, and this expiry if it is given */
  async deleteUnchanged(key: string, text: string, expiresAt?: number): Promise<boolean> {
    const step = { keys: [this.#prefix + key], args: expiresAt === undefined ? [text] : [text, expiresAt] }
    return (await runScript(this.#redis, deleteUnchanged, step)) === 1
  }

  /** @returns for each whether it was there */
  deleteAll(keys: readonly string[]): Promise<readonly boolean[]> {
    return Promise.all(keys.map(async (key) => (await this.#redis.unlink(this.#prefix + key)) === 1))
  }

  /** Those of a lower epoch. @returns for each whether it was there, and deleted */
  deleteBelow(keys: readonly string[], owner: string, epoch: number): Promise<readonly boolean[]> {
    return Promise.all(
      keys.map(async (key) => {
        const step = { keys: [this.#prefix + key], args: [owner, epoch] }
        return (await runScript(this.#redis, deleteBelow, step)) === 1
      })
    )
  }
}
