import { createHash } from 'node:crypto'
import { RedisStore as ConnectRedis } from 'connect-redis'
import { StorageError } from '../../errors/errors.ts'
import type { RedisClient } from '../../redis/client.ts'
import { durabilityOf, type RedisDurability } from '../../redis/durability.ts'
import { scanKeys } from '../../redis/scan.ts'
import { runScript, script } from '../../redis/script.ts'
import { ownerOf } from '../session-record.ts'
import type {
  ListedSession,
  NewSession,
  SessionStore,
  StoredSession,
  TextChange,
  Touch,
  Updated
} from '../session-store.ts'
import { RedisWrites } from './redis-writes.ts'

/** Batch size, so that others do not wait long for Redis. */
const batchSize = 1000

/** Each addition removes what has expired by Redis's own clock; the index expires with its last entry. */
const addToIndex = script(`
  local seconds = redis.call('TIME')[1]
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', seconds * 1000)
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
  redis.call('PEXPIREAT', KEYS[1], ARGV[2], 'NX')
  redis.call('PEXPIREAT', KEYS[1], ARGV[2], 'GT')
`)

interface IndexEntry {
  readonly redisKey: string
  readonly expiresAt: number
}

/**
 * Sessions in Redis 7 or newer, in connect-redis's layout: the key `sess:…`, JSON, and Redis's own expiry.
 * connect-redis's `set` is not used: it overwrites and recreates sessions.
 */
export class RedisStore implements SessionStore {
  readonly #redis: RedisClient
  readonly #layout: ConnectRedis
  readonly #writes: RedisWrites

  constructor(redis: RedisClient) {
    this.#redis = redis
    this.#layout = new ConnectRedis({ client: redis })
    this.#writes = new RedisWrites(redis)
  }

  /** The prefix of session keys. */
  get prefix(): string {
    return this.#layout.prefix
  }

  create(key: string, { text, expiresAt, owner }: NewSession): Promise<boolean> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      // The index first: a session that is not in the index cannot be found to be ended. Only if Redis does
      // not know the script yet, the order is reversed, and neither command is acknowledged yet.
      const [, stored] = await Promise.all([
        owner !== undefined && this.#addToIndex(owner, { redisKey, expiresAt }),
        this.#redis.set(redisKey, text, 'PXAT', expiresAt, 'NX')
      ])
      return stored === 'OK'
    })
  }

  load(key: string): Promise<StoredSession | undefined> {
    return orStorageError(() => this.#load(this.#redisKey(key)))
  }

  update(key: string, { from, to, ownerChange }: TextChange): Promise<Updated> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      if (ownerChange?.to !== undefined) await this.#addToIndex(ownerChange.to, { redisKey, ...ownerChange })
      const answer = await this.#writes.compareAndSet({ redisKey, from, to })
      if (answer === null) return { outcome: 'gone' }
      if (typeof answer === 'string') return { outcome: 'conflict', text: answer }
      if (ownerChange?.from !== undefined) await this.#removeFromIndex(ownerChange.from, [redisKey])
      return { outcome: 'stored', stored: { text: to, expiresAt: Number(answer) } }
    })
  }

  touch(key: string, { expiresAt, owner }: Touch): Promise<void> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      // The index first here too: it must contain every session for as long as it exists.
      if (owner !== undefined) await this.#addToIndex(owner, { redisKey, expiresAt })
      await this.#redis.pexpireat(redisKey, expiresAt)
    })
  }

  revoke(key: string): Promise<boolean> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      const text = await this.#redis.getdel(redisKey)
      const owner = ownerOf(Object(JSON.parse(text ?? 'null')))
      if (owner !== undefined) await this.#removeFromIndex(owner, [redisKey])
      return text !== null
    })
  }

  listByUser(name: string): Promise<readonly ListedSession[]> {
    return orStorageError(async () => {
      const sessions = await this.#eachOf(name, async (redisKey) => {
        const session = await this.#load(redisKey)
        return session && { key: this.#keyOf(redisKey), ...session }
      })
      return sessions.filter((session) => session !== undefined)
    })
  }

  /** Repeats until none is left: a session that replaced another one meanwhile is not in the first list. */
  async revokeAllOf(name: string, except?: string): Promise<readonly string[]> {
    const ended: string[] = []
    for (;;) {
      const endedNow = await this.#revokeListed(name, except)
      if (endedNow.length === 0) return ended
      ended.push(...endedNow)
    }
  }

  #revokeListed(name: string, except: string | undefined): Promise<readonly string[]> {
    return orStorageError(async () => {
      const spared = except === undefined ? undefined : this.#redisKey(except)
      const ended = await this.#eachOf(name, async (redisKey) => {
        return redisKey !== spared && (await this.#redis.unlink(redisKey)) === 1 && redisKey
      })
      const endedKeys = ended.filter((redisKey) => redisKey !== false)
      // Only sessions that existed: an entry without a session may belong to one that is just starting.
      if (endedKeys.length > 0) await this.#removeFromIndex(name, endedKeys)
      return endedKeys.map((redisKey) => this.#keyOf(redisKey))
    })
  }

  async *keys(): AsyncGenerator<string> {
    for await (const redisKeys of this.#all()) {
      for (const redisKey of redisKeys) yield this.#keyOf(redisKey)
    }
  }

  async revokeEverything(): Promise<number> {
    let ended = 0
    for await (const redisKeys of this.#all()) {
      const keys = redisKeys.map((redisKey) => this.#keyOf(redisKey))
      ended += (await Promise.all(keys.map((key) => this.revoke(key)))).filter(Boolean).length
    }
    return ended
  }

  durability(): Promise<RedisDurability> {
    return orStorageError(() => durabilityOf(this.#redis))
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
  }

  async *#all(): AsyncGenerator<readonly string[]> {
    try {
      yield* scanKeys(this.#redis, this.#layout.prefix)
    } catch (cause) {
      throw cause instanceof StorageError ? cause : new StorageError('Redis', cause)
    }
  }

  async #load(redisKey: string): Promise<StoredSession | undefined> {
    // One round trip: ioredis sends both before it waits.
    const [text, expiresAt] = await Promise.all([
      this.#redis.get(redisKey),
      this.#redis.pexpiretime(redisKey)
    ])
    return text === null ? undefined : { text, expiresAt }
  }

  async #addToIndex(owner: string, { redisKey, expiresAt }: IndexEntry): Promise<void> {
    const args = [this.#keyOf(redisKey), expiresAt]
    await runScript(this.#redis, addToIndex, { keys: [indexKey(owner)], args })
  }

  async #removeFromIndex(owner: string, redisKeys: readonly string[]): Promise<void> {
    await this.#redis.zrem(
      indexKey(owner),
      redisKeys.map((redisKey) => this.#keyOf(redisKey))
    )
  }

  /** The entry in the index: without the prefix, which is a tenth of the key. */
  #keyOf(redisKey: string): string {
    return redisKey.slice(this.prefix.length)
  }

  /** One command for each session: on a Cluster they are on different machines. */
  async #eachOf<T>(name: string, visit: (redisKey: string) => Promise<T>): Promise<T[]> {
    const members = await this.#redis.zrange(indexKey(name), 0, '-1')
    const redisKeys = members.map((member) => this.#redisKey(member))
    const results: T[] = []
    for (let start = 0; start < redisKeys.length; start += batchSize) {
      results.push(...(await Promise.all(redisKeys.slice(start, start + batchSize).map(visit))))
    }
    return results
  }

  #redisKey(key: string): string {
    return this.prefix + key
  }
}

/** The index of a user's sessions, sorted by expiry. The name is hashed, as in all keys. */
function indexKey(name: string): string {
  return `sess-of:${createHash('sha256').update(name).digest('base64url')}`
}

async function orStorageError<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    throw new StorageError('Redis', cause)
  }
}
