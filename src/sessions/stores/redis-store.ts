import { RedisStore as ConnectRedis } from 'connect-redis'
import { StorageError } from '../../errors/errors.ts'
import { ownerKeyOf } from '../../identity/owner-key.ts'
import type { RedisClient } from '../../redis/client.ts'
import { durabilityOf, type RedisDurability } from '../../redis/durability.ts'
import { scanKeys } from '../../redis/scan.ts'
import { runScript, script } from '../../redis/script.ts'
import type {
  NewSession,
  PageRequest,
  SessionPage,
  SessionStore,
  StoredSession,
  TextChange,
  Touch,
  Updated
} from '../session-store.ts'
import { fillPage } from './fill-page.ts'
import { type IndexEntry, RedisIndex } from './redis-index.ts'
import { RedisWrites } from './redis-writes.ts'

/** How many sessions end at once, so that others do not wait long for Redis. */
const batchSize = 100

/** Deletes a session if its text, and its expiry if it is given, are still the same. */
const deleteUnchanged = script(`
  local isOther = redis.call('GET', KEYS[1]) ~= ARGV[1]
  if isOther or ARGV[2] and redis.call('PEXPIRETIME', KEYS[1]) ~= tonumber(ARGV[2]) then return 0 end
  return redis.call('UNLINK', KEYS[1])
`)

/**
 * Sessions in Redis 7 or newer, in connect-redis's layout: the key `sess:…`, JSON, and Redis's own expiry.
 * connect-redis's `set` is not used: it overwrites and recreates sessions.
 */
export class RedisStore implements SessionStore {
  readonly #redis: RedisClient
  readonly #layout: ConnectRedis
  readonly #writes: RedisWrites
  readonly #index: RedisIndex

  constructor(redis: RedisClient) {
    this.#redis = redis
    this.#layout = new ConnectRedis({ client: redis })
    this.#writes = new RedisWrites(redis)
    this.#index = new RedisIndex(redis)
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
        owner !== undefined && this.#noteUse(owner, key, expiresAt),
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
      if (ownerChange?.to !== undefined) await this.#noteUse(ownerChange.to, key, ownerChange.expiresAt)
      const answer = await this.#writes.compareAndSet({ redisKey, from, to })
      if (answer === null) return { outcome: 'gone' }
      if (typeof answer === 'string') return { outcome: 'conflict', text: answer }
      if (ownerChange?.from !== undefined) await this.#index.remove(ownerChange.from, [key])
      return { outcome: 'stored', stored: { text: to, expiresAt: Number(answer) } }
    })
  }

  touch(key: string, { expiresAt, owner }: Touch): Promise<void> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      // The index first here too: it must contain every session for as long as it exists.
      if (owner !== undefined) await this.#noteUse(owner, key, expiresAt)
      await this.#redis.pexpireat(redisKey, expiresAt)
    })
  }

  /** A session that Redis never expires is another program's. */
  expire(key: string, { text, expiresAt }: StoredSession): Promise<void> {
    return orStorageError(async () => {
      if (expiresAt < 0) return
      const unchanged = { keys: [this.#redisKey(key)], args: [text, expiresAt] }
      const wasDeleted = await runScript(this.#redis, deleteUnchanged, unchanged)
      const owner = ownerIn(text)
      if (wasDeleted === 1 && owner !== undefined) await this.#index.remove(owner, [key])
    })
  }

  revoke(key: string): Promise<string | undefined> {
    return orStorageError(async () => {
      const text = await this.#redis.getdel(this.#redisKey(key))
      const owner = text === null ? undefined : ownerIn(text)
      if (owner !== undefined) await this.#index.remove(owner, [key])
      return text ?? undefined
    })
  }

  /** Compares the text in Redis: the session may change its owner while it is read. */
  revokeOf(owner: string, key: string): Promise<boolean> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      for (;;) {
        const text = await this.#redis.get(redisKey)
        if (text === null || ownerIn(text) !== owner) return false
        const ended = await runScript(this.#redis, deleteUnchanged, { keys: [redisKey], args: [text] })
        if (ended !== 1) continue
        await this.#index.remove(owner, [key])
        return true
      }
    })
  }

  page(owner: string, request: PageRequest): Promise<SessionPage> {
    return orStorageError(() =>
      fillPage(async (after, limit) => {
        const entries = await this.#index.part(owner, { ...request, after, limit })
        const sessions = await Promise.all(entries.map(({ key }) => this.#load(this.#redisKey(key))))
        await this.#index.removeUnused(
          owner,
          entries.filter((_, place) => !sessions[place])
        )
        return entries.map(({ key, score }, place) => {
          const session = sessions[place]
          return { cursor: score, session: session && { key, ...session } }
        })
      }, request)
    )
  }

  count(owner: string, limit: number): Promise<number> {
    return orStorageError(async () => Math.min(await this.#index.size(owner), limit))
  }

  revokeSome(owner: string, except?: string): Promise<readonly string[]> {
    return orStorageError(async () => {
      for (let after: string | undefined; ; ) {
        const entries = await this.#index.part(owner, { after, limit: batchSize, order: 'longest unused' })
        const ended = await this.#revokeListed(
          owner,
          entries.filter(({ key }) => key !== except)
        )
        if (ended.length > 0 || entries.length < batchSize) return ended
        after = entries.at(-1)?.score
      }
    })
  }

  /** One command for each session: on a Cluster they are on different machines. */
  async #revokeListed(owner: string, entries: readonly IndexEntry[]): Promise<readonly string[]> {
    const wasThere = await Promise.all(entries.map(({ key }) => this.#redis.unlink(this.#redisKey(key))))
    const ended = entries.filter((_, place) => wasThere[place] === 1).map(({ key }) => key)
    if (ended.length > 0) await this.#index.remove(owner, ended)
    await this.#index.removeUnused(
      owner,
      entries.filter((_, place) => wasThere[place] !== 1)
    )
    return ended
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
      ended += (await Promise.all(keys.map((key) => this.revoke(key)))).filter(
        (text) => text !== undefined
      ).length
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

  /** Entries of expired sessions are removed in passing; nobody waits for that. */
  async #noteUse(owner: string, key: string, expiresAt: number): Promise<void> {
    const others = await this.#index.add(owner, key, expiresAt)
    if (others.length > 0) this.#removeExpired(owner, others).catch(() => {})
  }

  async #removeExpired(owner: string, entries: readonly IndexEntry[]): Promise<void> {
    const isThere = await Promise.all(entries.map(({ key }) => this.#redis.exists(this.#redisKey(key))))
    await this.#index.removeUnused(
      owner,
      entries.filter((_, place) => isThere[place] === 0)
    )
  }

  #keyOf(redisKey: string): string {
    return redisKey.slice(this.prefix.length)
  }

  #redisKey(key: string): string {
    return this.prefix + key
  }
}

const ownerIn = (text: string) => ownerKeyOf(Object(JSON.parse(text)))

async function orStorageError<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    throw new StorageError('Redis', cause)
  }
}
