import type { RedisClient } from '../../redis/client.ts'
import type { PageRequest, SessionPage, StoredSession } from '../session-store.ts'
import { fillPage } from './fill-page.ts'
import type { RedisDeletions } from './redis-deletions.ts'
import type { IndexEntry, RedisIndex } from './redis-index.ts'

/** How many sessions end at once, so that others do not wait long for Redis. */
const batchSize = 100

export interface RedisListsOptions {
  readonly redis: RedisClient
  /** In front of sessions. */
  readonly prefix: string
  readonly index: RedisIndex
  readonly deletions: RedisDeletions
  readonly load: (key: string) => Promise<StoredSession | undefined>
  /** Ends one session, if endings are written down. */
  readonly revokeOf: ((owner: string, key: string) => Promise<boolean>) | undefined
}

/** The sessions of one owner, by the index. See SessionStore. */
export class RedisLists {
  readonly #options: RedisListsOptions
  readonly #index: RedisIndex

  constructor(options: RedisListsOptions) {
    this.#options = options
    this.#index = options.index
  }

  page(owner: string, request: PageRequest): Promise<SessionPage> {
    return fillPage(async (after, limit) => {
      const entries = await this.#index.part(owner, { ...request, after, limit })
      const sessions = await Promise.all(entries.map(({ key }) => this.#options.load(key)))
      await this.#index.removeUnused(
        owner,
        entries.filter((_, place) => !sessions[place])
      )
      return entries.map(({ key, score }, place) => {
        const session = sessions[place]
        return { cursor: score, session: session && { key, ...session } }
      })
    }, request)
  }

  async count(owner: string, limit: number): Promise<number> {
    return Math.min(await this.#index.size(owner), limit)
  }

  async revokeSome(
    owner: string,
    except: string | undefined,
    below: number | undefined
  ): Promise<readonly string[]> {
    for (let after: string | undefined; ; ) {
      const entries = await this.#index.part(owner, { after, limit: batchSize, order: 'longest unused' })
      const listed = entries.filter(({ key }) => key !== except)
      const ended = await this.#revokeListed(owner, listed, below)
      if (ended.length > 0 || entries.length < batchSize) return ended
      after = entries.at(-1)?.score
    }
  }

  /** Entries of expired sessions are removed in passing; nobody waits for that. */
  async noteUse(owner: string, key: string, expiresAt: number): Promise<void> {
    const others = await this.#index.add(owner, key, expiresAt)
    if (others.length > 0) this.#removeExpired(owner, others).catch(() => {})
  }

  async #revokeListed(
    owner: string,
    entries: readonly IndexEntry[],
    below: number | undefined
  ): Promise<readonly string[]> {
    const keys = entries.map(({ key }) => key)
    const wasThere = await (below === undefined
      ? this.#revokeAll(owner, keys)
      : this.#options.deletions.deleteBelow(keys, owner, below))
    const ended = keys.filter((_, place) => wasThere[place])
    if (ended.length > 0) await this.#index.remove(owner, ended)
    await this.#removeExpired(
      owner,
      entries.filter((_, place) => !wasThere[place])
    )
    return ended
  }

  async #revokeAll(owner: string, keys: readonly string[]): Promise<readonly boolean[]> {
    const { deletions, revokeOf } = this.#options
    return revokeOf ? Promise.all(keys.map((key) => revokeOf(owner, key))) : deletions.deleteAll(keys)
  }

  async #removeExpired(owner: string, entries: readonly IndexEntry[]): Promise<void> {
    const { redis, prefix } = this.#options
    const isThere = await Promise.all(entries.map(({ key }) => redis.exists(prefix + key)))
    await this.#index.removeUnused(
      owner,
      entries.filter((_, place) => isThere[place] === 0)
    )
  }
}
