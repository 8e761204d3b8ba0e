import { setTimeout } from 'node:timers/promises'
import { LruCache } from '../../primitives/lru-cache.ts'
import type { RedisDurability } from '../../redis/durability.ts'
import { type CachingStore, ParsedSession } from '../parsed-session.ts'
import type {
  Changes,
  NewSession,
  PageRequest,
  SessionPage,
  SessionStore,
  StoredSession,
  TextChange,
  Touch,
  Updated
} from '../session-store.ts'
import { InFlight } from './in-flight.ts'
import type { Invalidate, Invalidation, Verdicts } from './invalidation.ts'

export interface CachedStoreOptions {
  readonly store: SessionStore
  readonly invalidation: Invalidation
  /** The maximum number of cached sessions. */
  readonly maxEntries: number
  /** Without them a session is over only when it has changed. */
  readonly verdicts?: Verdicts | undefined
}

/** Few sessions need their 64 KiB, so all texts together are limited to this number of characters. */
const maxCharacters = 32 * 1024 * 1024

/** How long to wait for the store to say whether it tells of changes. */
const settlingMilliseconds = 2000

/**
 * A cache of sessions over a store that notifies of changes by others. It never returns a session that is
 * known to have changed. While notifications do not work, every read goes to the store.
 */
export class CachedStore implements CachingStore {
  readonly #store: SessionStore
  readonly #invalidation: Invalidation
  readonly #verdicts: Verdicts | undefined
  /** Running calls of revokeEverything. */
  #revocations = 0
  readonly #cached: LruCache<string, ParsedSession | InFlight>
  #tell: Invalidate = () => {}
  #tellAccount: (account?: string) => void = () => {}

  constructor({ store, invalidation, maxEntries, verdicts }: CachedStoreOptions) {
    this.#store = store
    this.#invalidation = invalidation
    this.#verdicts = verdicts
    this.#cached = new LruCache(maxEntries, {
      max: maxCharacters,
      weigh: ({ text }, key) => text.length + key.length
    })
    invalidation.listen((key) => this.#forget(key))
    verdicts?.listen({
      onTold: (owners) => {
        this.#tell()
        for (const owner of owners ?? [undefined]) this.#tellAccount(owner)
      },
      onForgotten: (key) => this.#forget(key)
    })
  }

  peek(key: string): ParsedSession | undefined {
    if (this.#revocations > 0 || !this.#invalidation.isCurrent()) return undefined
    const kept = this.#cached.get(key)
    const known = kept instanceof InFlight ? kept.previous : kept
    return known && this.#verdicts && this.#isOver(key, known, this.#verdicts) ? undefined : known
  }

  /** Always reads from the store, and caches the result unless the session changed meanwhile. */
  async load(key: string): Promise<ParsedSession | undefined> {
    const reading = new InFlight()
    if (this.#isUsable()) this.#cached.set(key, reading)
    const stored = await this.#store.load(key)
    const session = stored && new ParsedSession(stored)
    if (this.#cached.get(key) === reading) this.#cache(key, session)
    return session
  }

  /** Nothing is cached of a session that was not there. */
  create(key: string, session: NewSession): Promise<boolean> {
    return this.#store.create(key, session)
  }

  /**
   * Caches what it wrote, so that the next read needs no store. Until the store answers, the previous text is
   * returned: nobody has seen another one yet. If another change started meanwhile, their order is unknown
   * and nothing is cached.
   */
  async update(key: string, change: TextChange): Promise<Updated> {
    const writing = new InFlight(this.peek(key))
    if (this.#isUsable()) this.#cached.set(key, writing)
    let written: ParsedSession | undefined
    try {
      const updated = await this.#store.update(key, change)
      if (updated.outcome === 'stored') written = new ParsedSession(updated.stored, change.record)
      return updated
    } finally {
      this.#cache(key, this.#cached.get(key) === writing ? written : undefined)
      this.#tell(key)
    }
  }

  touch(key: string, touch: Touch): Promise<void> {
    return this.#invalidating(key, this.#store.touch(key, touch))
  }

  expire(key: string, found: StoredSession): Promise<void> {
    return this.#invalidating(key, this.#store.expire(key, found))
  }

  revoke(key: string): Promise<string | undefined> {
    return this.#invalidating(key, this.#store.revoke(key))
  }

  revokeOf(owner: string, key: string): Promise<boolean> {
    return this.#invalidating(key, this.#store.revokeOf(owner, key))
  }

  page(owner: string, request: PageRequest): Promise<SessionPage> {
    return this.#store.page(owner, request)
  }

  count(owner: string, limit: number): Promise<number> {
    return this.#store.count(owner, limit)
  }

  async endAllOf(owner: string, except?: string): Promise<number | undefined> {
    try {
      return await this.#store.endAllOf?.(owner, except)
    } finally {
      this.#forgetEnded()
    }
  }

  async applyEndings(): Promise<void> {
    try {
      await this.#store.applyEndings?.()
    } finally {
      this.#forgetEnded()
    }
  }

  async epochOfName(owner: string, arrivedAt?: number): Promise<number> {
    return (await this.#store.epochOfName?.(owner, arrivedAt)) ?? 0
  }

  get era(): number {
    return this.#store.era ?? 0
  }

  /** After a failure it is unknown which of them have ended. */
  async revokeSome(owner: string, except?: string, below?: number): Promise<readonly string[]> {
    try {
      const ended = await this.#store.revokeSome(owner, except, below)
      for (const key of ended) this.#forget(key)
      return ended
    } catch (error) {
      this.#forget()
      throw error
    }
  }

  keys(): AsyncIterable<string> {
    return this.#store.keys()
  }

  /** It takes time; the cache is off meanwhile. */
  async revokeEverything(): Promise<number> {
    this.#revocations += 1
    this.#cached.clear()
    try {
      return await this.#store.revokeEverything()
    } finally {
      this.#revocations -= 1
      this.#forget()
    }
  }

  tellChanges(changed: Invalidate): Changes {
    this.#tell = changed
    return { isCurrent: () => this.#isUsable() }
  }

  tellAccounts(changed: (account?: string) => void): Changes {
    this.#tellAccount = changed
    return { isCurrent: () => this.#isUsable() }
  }

  async durability(): Promise<RedisDurability> {
    const durability = await this.#store.durability?.()
    // Not for ever: a server may answer on one connection and take no second one.
    const patience = setTimeout(settlingMilliseconds, undefined, { ref: false })
    await Promise.race([this.#invalidation.settled?.(), patience])
    const { refusal: refusesTracking, keepsUntracked } = this.#invalidation
    return { ...durability, ...(refusesTracking && { refusesTracking, keepsUntracked }) }
  }

  close(): Promise<void> {
    this.#invalidation.close()
    return this.#store.close()
  }

  #isUsable(): boolean {
    return this.#revocations === 0 && this.#invalidation.isCurrent()
  }

  #isOver(key: string, session: ParsedSession, verdicts: Verdicts): boolean {
    if (session.judgedAt === verdicts.version) return false
    if (verdicts.isOver(key, session)) return true
    session.judgedAt = verdicts.version
    return false
  }

  /** Where nobody tells whose sessions are over, all are read again. */
  #forgetEnded(): void {
    if (!this.#verdicts) this.#forget()
  }

  #cache(key: string, session: ParsedSession | undefined): void {
    if (session) this.#cached.set(key, session)
    else this.#cached.delete(key)
  }

  /**
   * After a change has been acknowledged nobody may read the previous state; and no read or write in flight
   * may bring it back, in whatever order the store handles them.
   */
  async #invalidating<T>(key: string, change: Promise<T>): Promise<T> {
    try {
      return await change
    } finally {
      this.#forget(key)
    }
  }

  #forget(key?: string): void {
    if (key === undefined) {
      this.#cached.clear()
      this.#tellAccount()
    } else this.#cached.delete(key)
    this.#tell(key)
  }
}
