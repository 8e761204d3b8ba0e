import { createHash } from 'node:crypto'
import { RedisStore } from 'connect-redis'
import { StorageError } from '../errors.ts'
import type { RedisCommands } from './redis-client.ts'
import type { NewSession, Owner, SessionStore, StoredSession, TextChange, Updated } from './session-store.ts'

const endAtOnce = 1000

/**
 * Compares and sets whole texts: Redis's own JSON would turn an empty list into an object.
 * @returns what was there before, or null
 */
const compareAndSet = `
  local current = redis.call('GET', KEYS[1])
  if current == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') end
  return current
`

/**
 * Sessions in Redis 7 or newer, in connect-redis's layout: `sess:` and the key, JSON, and the expiry as
 * Redis's own. Writes go past connect-redis, whose `set` would overwrite and revive.
 */
export class RedisSessions implements SessionStore {
  readonly #redis: RedisCommands
  readonly #layout: RedisStore

  constructor(redis: RedisCommands) {
    this.#redis = redis
    this.#layout = new RedisStore({ client: inNodeRedisDialect(redis) })
  }

  create(key: string, { text, expiresAt, owner }: NewSession): Promise<boolean> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      // First the index: a session that is not in it could not be found to be ended.
      const [, stored] = await Promise.all([
        owner && this.#addToIndex(owner, redisKey),
        this.#redis.set(redisKey, text, 'PXAT', expiresAt, 'NX')
      ])
      return stored === 'OK'
    })
  }

  load(key: string): Promise<StoredSession | undefined> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      // One round trip: ioredis sends both before it waits.
      const [text, expiresAt] = await Promise.all([
        this.#redis.get(redisKey),
        this.#redis.pexpiretime(redisKey)
      ])
      return text === null ? undefined : { text, expiresAt }
    })
  }

  update(key: string, { from, to }: TextChange): Promise<Updated> {
    return orStorageError(async () => {
      const current = await this.#redis.eval(compareAndSet, 1, this.#redisKey(key), from, to)
      if (current === null) return { outcome: 'gone' }
      return current === from ? { outcome: 'stored' } : { outcome: 'conflict', text: String(current) }
    })
  }

  touch(key: string, expiresAt: number): Promise<void> {
    return orStorageError(async () => {
      await this.#redis.pexpireat(this.#redisKey(key), expiresAt)
    })
  }

  end(key: string): Promise<void> {
    return orStorageError(() => this.#layout.destroy(key))
  }

  endAll(name: string): Promise<void> {
    return orStorageError(async () => {
      const index = indexKey(name)
      const redisKeys = await this.#redis.zrange(index, 0, '-1')
      // In parts, so that nobody else waits long for Redis.
      for (let start = 0; start < redisKeys.length; start += endAtOnce) {
        const part = redisKeys.slice(start, start + endAtOnce)
        // One by one: in a Cluster they lie on several machines.
        await Promise.all(part.map((redisKey) => this.#redis.unlink(redisKey)))
      }
      if (redisKeys.length > 0) await this.#redis.zrem(index, redisKeys)
    })
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
  }

  /** Entries that are over are taken out whenever one is put in, and the last one takes the index along. */
  async #addToIndex({ name, endsAt }: Owner, redisKey: string): Promise<void> {
    const index = indexKey(name)
    await Promise.all([
      this.#redis.zremrangebyscore(index, '-inf', Date.now()),
      this.#redis.zadd(index, endsAt, redisKey),
      this.#redis.pexpireat(index, endsAt, 'NX'),
      this.#redis.pexpireat(index, endsAt, 'GT')
    ])
  }

  #redisKey(key: string): string {
    return this.#layout.prefix + key
  }
}

/** connect-redis speaks node-redis's dialect; these are the two commands it is used for here. */
function inNodeRedisDialect(redis: RedisCommands) {
  return {
    get: (key: string) => redis.get(key),
    del: (keys: string[]) => redis.del(keys)
  }
}

/** A person's sessions by the moment each is over at the latest. The name is hashed, as everything is in keys. */
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
