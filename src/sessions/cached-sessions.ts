import { LRUCache } from 'lru-cache'
import type { RedisFitness } from './redis-fitness.ts'
import type {
  ListedSession,
  NewSession,
  SessionStore,
  StoredSession,
  TextChange,
  Touch,
  Updated
} from './session-store.ts'

/** Called with the key of a session that changed, or without one when any of them may have. */
export type Forget = (key?: string) => void

/** Tells of every change in a store, whoever makes it: this process, another one, expiry, an administrator. */
export interface Changes {
  /** From now on `forget` hears of them. */
  listen(forget: Forget): void

  /** Whether what was read may still be believed: all changes up to a moment ago have been told. */
  areTold(): boolean

  /** Answers when every change made before is told, or `areTold` says no. Never rejects. */
  catchUp(): Promise<void>

  /** Why it cannot tell, where the store refuses to: in the store's words. */
  readonly refusal?: string | undefined

  close(): void
}

export interface CachedSessionsOptions {
  readonly store: SessionStore
  readonly changes: Changes
  /** How many sessions to keep at most. */
  readonly entries: number
  readonly now?: () => number
}

/** Room for 64 KiB is rarely used: all texts together have at most this many characters. */
const mostCharacters = 32 * 1024 * 1024

/** Holds the place of a session that is being read. Whatever changes meanwhile takes it away. */
class Reading {
  readonly text = ''
}

/**
 * Sessions that were read lately, over a store that tells of every change. It never answers with what is known
 * to have changed: where changes cannot be told it knows nothing, and every read asks the store.
 */
export class CachedSessions implements SessionStore {
  readonly #store: SessionStore
  readonly #changes: Changes
  readonly #now: () => number
  readonly #kept: LRUCache<string, StoredSession | Reading>

  constructor({ store, changes, entries, now = Date.now }: CachedSessionsOptions) {
    this.#store = store
    this.#changes = changes
    this.#now = now
    this.#kept = new LRUCache({
      max: entries,
      maxSize: mostCharacters,
      sizeCalculation: ({ text }, key) => text.length + key.length
    })
    changes.listen((key) => (key === undefined ? this.#kept.clear() : this.#kept.delete(key)))
  }

  peek(key: string): StoredSession | undefined {
    if (!this.#changes.areTold()) return undefined
    // Not `get`: keeping count of who was used last costs more than reading one again now and then.
    const kept = this.#kept.peek(key)
    return kept && !(kept instanceof Reading) && kept.expiresAt > this.#now() ? kept : undefined
  }

  /** Always asks, and keeps the answer unless the session changed while it was under way. */
  async load(key: string): Promise<StoredSession | undefined> {
    const reading = new Reading()
    if (this.#changes.areTold()) this.#kept.set(key, reading)
    const stored = await this.#store.load(key)
    if (this.#kept.peek(key) === reading) this.#keep(key, stored)
    return stored
  }

  create(key: string, session: NewSession): Promise<boolean> {
    return this.#forgetting(key, this.#store.create(key, session))
  }

  update(key: string, change: TextChange): Promise<Updated> {
    return this.#forgetting(key, this.#store.update(key, change))
  }

  touch(key: string, touch: Touch): Promise<void> {
    return this.#forgetting(key, this.#store.touch(key, touch))
  }

  end(key: string): Promise<boolean> {
    return this.#forgetting(key, this.#store.end(key))
  }

  listByUser(name: string): Promise<readonly ListedSession[]> {
    return this.#store.listByUser(name)
  }

  endAll(name: string, except?: string): Promise<number> {
    return this.#catchingUp(this.#store.endAll(name, except))
  }

  keys(): AsyncIterable<string> {
    return this.#store.keys()
  }

  endEvery(): Promise<number> {
    return this.#catchingUp(this.#store.endEvery())
  }

  async fitness(): Promise<RedisFitness> {
    const fitness = await this.#store.fitness?.()
    return { ...fitness, ...(this.#changes.refusal && { refusesToTell: this.#changes.refusal }) }
  }

  close(): Promise<void> {
    this.#changes.close()
    return this.#store.close()
  }

  #keep(key: string, stored: StoredSession | undefined): void {
    if (stored) this.#kept.set(key, stored)
    else this.#kept.delete(key)
  }

  /** Whoever is told that a change was made must not read what was before; nor may a read under way bring it back. */
  async #forgetting<T>(key: string, change: Promise<T>): Promise<T> {
    try {
      return await change
    } finally {
      this.#kept.delete(key)
    }
  }

  /** Which sessions ended only the store knows; it tells. */
  async #catchingUp<T>(change: Promise<T>): Promise<T> {
    try {
      return await change
    } finally {
      await this.#changes.catchUp()
    }
  }
}
