import { RedisStore as ConnectRedis } from '#vendor/connect-redis'
import type { StoreEndings } from '../../endings/store-endings.ts'
import { StorageError } from '../../errors/errors.ts'
import { ownerKeyOf } from '../../identity/owner-key.ts'
import { KeyedMutex } from '../../primitives/keyed-mutex.ts'
import type { RedisClient } from '../../redis/client.ts'
import { durabilityOf, type RedisDurability } from '../../redis/durability.ts'
import { defaultPrefix, ownPrefix } from '../../redis/prefix.ts'
import { scanKeys } from '../../redis/scan.ts'
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
import { recordIn } from '../session-text.ts'
import { RedisDeletions } from './redis-deletions.ts'
import { RedisIndex } from './redis-index.ts'
import { RedisLists } from './redis-lists.ts'
import { RedisWrites } from './redis-writes.ts'

export interface RedisStoreOptions {
  /** In front of the keys of sessions: REDIS_PREFIX. */
  readonly prefix?: string
  /** Without them what Redis says is believed, and nothing is written down. */
  readonly endings?: StoreEndings | undefined
}

/**
 * Sessions in Redis 7 or newer, in connect-redis's layout: the key `sess:…`, JSON, and Redis's own expiry.
 * connect-redis's `set` is not used: it overwrites and recreates sessions.
 */
export class RedisStore implements SessionStore {
  readonly #redis: RedisClient
  readonly #layout: ConnectRedis
  readonly #writes: RedisWrites
  readonly #index: RedisIndex
  readonly #deletions: RedisDeletions
  readonly #lists: RedisLists
  readonly #endings: StoreEndings | undefined
  readonly #inOrder = new KeyedMutex()

  constructor(redis: RedisClient, { prefix = defaultPrefix, endings }: RedisStoreOptions = {}) {
    this.#redis = redis
    this.#layout = new ConnectRedis({ client: redis, prefix })
    this.#writes = new RedisWrites(redis)
    this.#index = new RedisIndex(redis, ownPrefix(prefix))
    this.#deletions = new RedisDeletions(redis, prefix)
    this.#endings = endings
    this.#lists = new RedisLists({
      ...{ redis, prefix, index: this.#index, deletions: this.#deletions },
      load: (key) => this.#load(key),
      revokeOf: endings && ((owner, key) => this.revokeOf(owner, key))
    })
  }

  /** The prefix of session keys. */
  get prefix(): string {
    return this.#layout.prefix
  }

  create(key: string, { text, expiresAt, owner }: NewSession): Promise<boolean> {
    return orStorageError(async () => {
      const set = () => this.#redis.set(this.#redisKey(key), text, 'PXAT', expiresAt, 'NX')
      // On two masters of a Cluster the session first: whoever counts by the index must find each one.
      const early = this.#redis.isCluster ? await set() : undefined
      // Else the index first: a session that is not in the index cannot be found to be ended. Only if Redis does
      // not know the script yet, the order is reversed, and neither command is acknowledged yet.
      const listing = owner !== undefined && this.#lists.noteUse(owner, key, expiresAt)
      const [, stored] = await Promise.all([listing, early === undefined ? set() : early])
      return stored === 'OK'
    })
  }

  load(key: string): Promise<StoredSession | undefined> {
    return orStorageError(() => this.#load(key))
  }

  update(key: string, { from, to, endsFormer, ownerChange }: TextChange): Promise<Updated> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      const former = ownerChange?.from
      const moves = former !== undefined && Boolean(recordIn(to).movedTo)
      if (ownerChange?.to !== undefined) await this.#lists.noteUse(ownerChange.to, key, ownerChange.expiresAt)
      if (former !== undefined && !moves) await this.#endings?.logHandover(key, from, to)
      const answer = await this.#writes.compareAndSet({ redisKey, from, to })
      if (answer === null) return { outcome: 'gone' }
      if (typeof answer === 'string') return { outcome: 'conflict', text: answer }
      if (former !== undefined) await this.#index.remove(former, [key])
      if (moves || endsFormer) await this.#endings?.logHandover(key, from, to)
      return { outcome: 'stored', stored: { text: to, expiresAt: Number(answer) } }
    })
  }

  touch(key: string, { expiresAt, owner }: Touch): Promise<void> {
    return orStorageError(async () => {
      const redisKey = this.#redisKey(key)
      // The index first here too: it must contain every session for as long as it exists.
      if (owner !== undefined) await this.#lists.noteUse(owner, key, expiresAt)
      await this.#redis.pexpireat(redisKey, expiresAt)
    })
  }

  /** A session that Redis never expires is another program's. */
  expire(key: string, { text, expiresAt }: StoredSession): Promise<void> {
    return orStorageError(async () => {
      if (expiresAt < 0) return
      const wasDeleted = await this.#deletions.deleteUnchanged(key, text, expiresAt)
      const owner = ownerIn(text)
      if (wasDeleted && owner !== undefined) await this.#index.remove(owner, [key])
    })
  }

  revoke(key: string): Promise<string | undefined> {
    return orStorageError(async () => {
      const text = await (this.#endings?.end(key) ?? this.#redis.getdel(this.#redisKey(key)))
      const owner = text === null ? undefined : ownerIn(text)
      if (owner !== undefined) await this.#index.remove(owner, [key])
      return text ?? undefined
    })
  }

  /**
   * Compares the text in Redis: the session may change its owner while it is read. Of several calls in one process the
   * first has ended it.
   */
  revokeOf(owner: string, key: string): Promise<boolean> {
    return this.#inOrder.run(key, () => this.#revokeOf(owner, key))
  }

  #revokeOf(owner: string, key: string): Promise<boolean> {
    return orStorageError(async () => {
      for (let isLogged = false; ; isLogged = this.#endings !== undefined) {
        const text = await this.#redis.get(this.#redisKey(key))
        const isTheirs = text !== null && ownerIn(text) === owner
        // Once it is logged, a follower may delete it.
        if (!isTheirs && !(isLogged && text === null)) return false
        if (isTheirs) {
          await this.#endings?.log(key, text)
          if (!(await this.#deletions.deleteUnchanged(key, text))) continue
        }
        await this.#index.remove(owner, [key])
        return true
      }
    })
  }

  page(owner: string, request: PageRequest): Promise<SessionPage> {
    return orStorageError(() => this.#lists.page(owner, request))
  }

  count(owner: string, limit: number): Promise<number> {
    return orStorageError(() => this.#lists.count(owner, limit))
  }

  async endAllOf(owner: string, except?: string): Promise<number | undefined> {
    return this.#endings?.endAllOf(owner, except)
  }

  async applyEndings(): Promise<void> {
    await this.#endings?.follow()
  }

  async epochOfName(owner: string, arrivedAt?: number): Promise<number> {
    return this.#endings ? this.#endings.epochOfName(owner, arrivedAt) : 0
  }

  get era(): number {
    return this.#endings?.era ?? 0
  }

  revokeSome(owner: string, except?: string, below?: number): Promise<readonly string[]> {
    return orStorageError(() => this.#lists.revokeSome(owner, except, below))
  }

  async *keys(): AsyncGenerator<string> {
    for await (const redisKeys of this.#all()) {
      for (const redisKey of redisKeys) yield this.#keyOf(redisKey)
    }
  }

  async revokeEverything(): Promise<number> {
    const isDone = (await this.#endings?.endEverything()) ?? false
    let ended = 0
    for await (const redisKeys of this.#all()) {
      const keys = redisKeys.map((redisKey) => this.#keyOf(redisKey))
      const wasThere = isDone
        ? await orStorageError(() => this.#deletions.deleteAll(keys))
        : await Promise.all(keys.map(async (key) => (await this.revoke(key)) !== undefined))
      ended += wasThere.filter(Boolean).length
    }
    return ended
  }

  durability(): Promise<RedisDurability> {
    return orStorageError(async () => ({
      ...(await durabilityOf(this.#redis)),
      otherInstallation: await this.#endings?.otherInstallation?.()
    }))
  }

  async close(): Promise<void> {
    this.#endings?.close()
    this.#redis.disconnect()
  }

  async *#all(): AsyncGenerator<readonly string[]> {
    try {
      yield* scanKeys(this.#redis, this.#layout.prefix)
    } catch (cause) {
      throw cause instanceof StorageError ? cause : new StorageError('Redis', cause)
    }
  }

  async #load(key: string): Promise<StoredSession | undefined> {
    if (this.#endings) return this.#endings.read(key)
    const redisKey = this.#redisKey(key)
    // One round trip: ioredis sends both before it waits.
    const [text, expiresAt] = await Promise.all([
      this.#redis.get(redisKey),
      this.#redis.pexpiretime(redisKey)
    ])
    return text === null ? undefined : { text, expiresAt }
  }

  #keyOf(redisKey: string): string {
    return redisKey.slice(this.prefix.length)
  }

  #redisKey(key: string): string {
    return this.prefix + key
  }
}

const ownerIn = (text: string) => ownerKeyOf(recordIn(text))

async function orStorageError<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    // The database of endings may be the one that did not answer.
    throw cause instanceof StorageError ? cause : new StorageError('Redis', cause)
  }
}
