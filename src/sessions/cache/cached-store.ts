import { LruCache } from '../../primitives/lru-cache.ts'
import type { RedisDurability } from '../../redis/durability.ts'
import type {
  ListedSession,
  NewSession,
  SessionStore,
  StoredSession,
  TextChange,
  Touch,
  Updated
} from '../session-store.ts'

/** Called with the key of a session that changed, or without one when any of them may have. */
export type Invalidate = (key?: string) => void

/** Tells of the changes in a store that this process did not make: another one did, expiry, an administrator. */
export interface Invalidation {
  /** From now on `forget` hears of them. Of what this process changes itself it may hear or not. */
  listen(forget: Invalidate): void

  /** Whether what was read or written may still be believed: all changes up to a moment ago have been told. */
  isCurrent(): boolean

  /** Why it cannot tell, where the store refuses to: in the store's words. */
  readonly refusal?: string | undefined

  close(): void
}

export interface CachedStoreOptions {
  readonly store: SessionStore
  readonly invalidation: Invalidation
  /** How many sessions to keep at most. */
  readonly maxEntries: number
}

/** Room for 64 KiB is rarely used: all texts together have at most this many characters. */
const maxCharacters = 32 * 1024 * 1024

/**
 * Holds the place of a session that is being read or changed. Whatever else changes it meanwhile, or begins to,
 * takes that away, and then what came of it is not kept.
 */
class InFlight {
  readonly text = ''
  /** What is known until there is an answer. */
  readonly previous: StoredSession | undefined

  constructor(known?: StoredSession) {
    this.previous = known
  }
}

/**
 * Sessions that were read or written lately, over a store that tells of every change somebody else makes. It
 * never answers with what is known to have changed: where changes cannot be told it knows nothing, and every
 * read asks the store.
 */
export class CachedStore implements SessionStore {
  readonly #store: SessionStore
  readonly #invalidation: Invalidation
  /** How many times just now everybody's sessions are being ended. */
  #revocations = 0
  readonly #cached: LruCache<string, StoredSession | InFlight>

  constructor({ store, invalidation, maxEntries }: CachedStoreOptions) {
    this.#store = store
    this.#invalidation = invalidation
    this.#cached = new LruCache(maxEntries, {
      max: maxCharacters,
      weigh: ({ text }, key) => text.length + key.length
    })
    invalidation.listen((key) => (key === undefined ? this.#cached.clear() : this.#cached.delete(key)))
  }

  peek(key: string): StoredSession | undefined {
    return this.#isUsable() ? this.#lookUp(key) : undefined
  }

  /** Always asks, and keeps the answer unless the session changed while it was under way. */
  async load(key: string): Promise<StoredSession | undefined> {
    const reading = new InFlight()
    if (this.#isUsable()) this.#cached.set(key, reading)
    const stored = await this.#store.load(key)
    if (this.#cached.get(key) === reading) this.#cache(key, stored)
    return stored
  }

  create(key: string, session: NewSession): Promise<boolean> {
    return this.#invalidating(key, this.#store.create(key, session))
  }

  /**
   * Keeps what it wrote, so that reading it again asks nobody. Until the answer is there, what was before is known:
   * nobody has been told of another text. Whatever began meanwhile may have come before or after, so it is dropped.
   */
  async update(key: string, change: TextChange): Promise<Updated> {
    const mayKnow = this.#isUsable()
    const writing = new InFlight(mayKnow ? this.#lookUp(key) : undefined)
    if (mayKnow) this.#cached.set(key, writing)
    let written: StoredSession | undefined
    try {
      const updated = await this.#store.update(key, change)
      if (updated.outcome === 'stored') written = updated.stored
      return updated
    } finally {
      this.#cache(key, this.#cached.get(key) === writing ? written : undefined)
    }
  }

  touch(key: string, touch: Touch): Promise<void> {
    return this.#invalidating(key, this.#store.touch(key, touch))
  }

  revoke(key: string): Promise<boolean> {
    return this.#invalidating(key, this.#store.revoke(key))
  }

  listByUser(name: string): Promise<readonly ListedSession[]> {
    return this.#store.listByUser(name)
  }

  /** Which of them ended when the store could not say it to the end, nobody knows. */
  async revokeAllOf(name: string, except?: string): Promise<readonly string[]> {
    try {
      const ended = await this.#store.revokeAllOf(name, except)
      for (const key of ended) this.#cached.delete(key)
      return ended
    } catch (error) {
      this.#cached.clear()
      throw error
    }
  }

  keys(): AsyncIterable<string> {
    return this.#store.keys()
  }

  /** It takes its time, and nothing is known meanwhile. */
  async revokeEverything(): Promise<number> {
    this.#revocations += 1
    this.#cached.clear()
    try {
      return await this.#store.revokeEverything()
    } finally {
      this.#revocations -= 1
    }
  }

  async durability(): Promise<RedisDurability> {
    const durability = await this.#store.durability?.()
    return {
      ...durability,
      ...(this.#invalidation.refusal && { refusesTracking: this.#invalidation.refusal })
    }
  }

  close(): Promise<void> {
    this.#invalidation.close()
    return this.#store.close()
  }

  #isUsable(): boolean {
    return this.#revocations === 0 && this.#invalidation.isCurrent()
  }

  #lookUp(key: string): StoredSession | undefined {
    const kept = this.#cached.get(key)
    return kept instanceof InFlight ? kept.previous : kept
  }

  #cache(key: string, stored: StoredSession | undefined): void {
    if (stored) this.#cached.set(key, stored)
    else this.#cached.delete(key)
  }

  /**
   * Whoever is told that a change was made must not read what was before; nor may a read or a write under way
   * bring it back, whichever of them the store hears first.
   */
  async #invalidating<T>(key: string, change: Promise<T>): Promise<T> {
    try {
      return await change
    } finally {
      this.#cached.delete(key)
    }
  }
}
