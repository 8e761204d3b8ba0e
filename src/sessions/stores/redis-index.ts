import { createHash } from 'node:crypto'
import type { RedisClient } from '../../redis/client.ts'
import { runScript, script } from '../../redis/script.ts'
import type { PageRequest } from '../session-store.ts'

const bytesOfHash = 16

/** A session in the index: its key without the prefix, which is a tenth of it, and its score. */
export interface IndexEntry {
  readonly key: string
  readonly score: string
}

/**
 * The score is the time of the last use in microseconds, by Redis's own clock; each use gets a higher one than
 * all before, so a score is a cursor. Returns a few other entries with their scores: see `add`.
 */
const addToIndex = script(`
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local last = redis.call('ZRANGE', KEYS[1], 0, 0, 'REV', 'WITHSCORES')
  local score = math.max(now, (tonumber(last[2]) or 0) + 1)
  redis.call('ZADD', KEYS[1], string.format('%.0f', score), ARGV[1])
  redis.call('PEXPIREAT', KEYS[1], ARGV[2], 'NX')
  redis.call('PEXPIREAT', KEYS[1], ARGV[2], 'GT')
  local some = redis.call('ZRANDMEMBER', KEYS[1], 3, 'WITHSCORES')
  local old = {}
  for n = 1, #some, 2 do
    if now - some[n + 1] > 60000000 then
      old[#old + 1] = some[n]
      old[#old + 1] = some[n + 1]
    end
  end
  return old
`)

/** Removes entries that are as they were, and a minute old: a younger one may belong to a session that is starting. */
const removeUnused = script(`
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  for n = 1, #ARGV, 2 do
    local score = redis.call('ZSCORE', KEYS[1], ARGV[n])
    if score == ARGV[n + 1] and now - score > 60000000 then redis.call('ZREM', KEYS[1], ARGV[n]) end
  end
`)

/**
 * The index of a user's sessions in Redis, sorted by last use; it expires with its last session. Entries of
 * sessions that have expired stay until they are found.
 */
export class RedisIndex {
  readonly #redis: RedisClient
  readonly #prefix: string

  /** @param prefix in front of its keys, as `ownPrefix` has it */
  constructor(redis: RedisClient, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  /**
   * Adds a session that is used now, or moves it to the front.
   * @returns up to three other entries by chance, not used for a minute: if each time those are removed whose
   * sessions are gone, most entries have a session
   */
  async add(owner: string, key: string, expiresAt: number): Promise<readonly IndexEntry[]> {
    const answer = await runScript(this.#redis, addToIndex, {
      keys: [this.#keyOf(owner)],
      args: [key, expiresAt]
    })
    return entriesOf(answer)
  }

  async remove(owner: string, keys: readonly string[]): Promise<void> {
    await this.#redis.zrem(this.#keyOf(owner), [...keys])
  }

  /** Removes entries without a session, unless they were used meanwhile. */
  async removeUnused(owner: string, entries: readonly IndexEntry[]): Promise<void> {
    if (entries.length === 0) return
    const args = entries.flatMap(({ key, score }) => [key, score])
    await runScript(this.#redis, removeUnused, { keys: [this.#keyOf(owner)], args })
  }

  /** How many entries there are. */
  size(owner: string): Promise<number> {
    return this.#redis.zcard(this.#keyOf(owner))
  }

  async part(
    owner: string,
    { after, limit, order = 'last used' }: PageRequest
  ): Promise<readonly IndexEntry[]> {
    const index = this.#keyOf(owner)
    const from = after === undefined ? undefined : `(${after}`
    const found =
      order === 'last used'
        ? this.#redis.zrevrangebyscore(index, from ?? '+inf', '-inf', 'WITHSCORES', 'LIMIT', 0, limit)
        : this.#redis.zrangebyscore(index, from ?? '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
    return entriesOf(await found)
  }

  /** The owner is hashed, as in all keys; 128 bits, as of all: with the prefix `sess-of:` Redis allocates 32 bytes. */
  #keyOf(owner: string): string {
    const hash = createHash('sha256').update(owner).digest().subarray(0, bytesOfHash)
    return `${this.#prefix}-of:${hash.toString('base64url')}`
  }
}

/** Members and scores take turns. */
function entriesOf(answer: unknown): readonly IndexEntry[] {
  const flat = Array.isArray(answer) ? answer.map(String) : []
  return flat.flatMap((key, place) => (place % 2 === 0 ? [{ key, score: flat[place + 1] ?? '' }] : []))
}
