import { Recent } from '../../primitives/lru-cache.ts'
import type { RedisFitness } from '../../redis/durability.ts'
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
export type Forget = (key?: string) => void

/** Tells of the changes in a store that this process did not make: another one did, expiry, an administrator. */
export interface Changes {
  /** From now on `forget` hears of them. Of what this process changes itself it may hear or not. */
  listen(forget: Forget): void

  /** Whether what was read or written may still be believed: all changes up to a moment ago have been told. */
  areTold(): boolean

  /** Why it cannot tell, where the store refuses to: in the store's words. */
  readonly refusal?: string | undefined

  close(): void
}

export interface CachedSessionsOptions {
  readonly store: SessionStore
  readonly changes: Changes
  /** How many sessions to keep at most. */
  readonly entries: number
}

/** Room for 64 KiB is rarely used: all texts together have at most this many characters. */
const mostCharacters = 32 * 1024 * 1024

/**
 * Holds the place of a session that is being read or changed. Whatever else changes it meanwhile, or begins to,
 * takes that away, and then what came of it is not kept.
 */
class UnderWay {
  readonly text = ''
  /** What is known until there is an answer. */
  readonly known: StoredSession | undefined

  constructor(known?: StoredSession) {
    this.known = known
  }
}

/**
 * Sessions that were read or written lately, over a store that tells of every change somebody else makes. It
 * never answers with what is known to have changed: where changes cannot be told it knows nothing, and every
 * read asks the store.
 */
export class CachedSessions implements SessionStore {
  readonly #store: SessionStore
  readonly #changes: Changes
  /** How many times just now everybody's sessions are being ended. */
  #endings = 0
  readonly #kept: Recent<string, StoredSession | UnderWay>

  constructor({ store, changes, entries }: CachedSessionsOptions) {
    this.#store = store
    this.#changes = changes
    this.#kept = new Recent(entries, {
      most: mostCharacters,
      of: ({ text }, key) => text.length + key.length
    })
    changes.listen((key) => (key === undefined ? this.#kept.clear() : this.#kept.delete(key)))
  }

  peek(key: string): StoredSession | undefined {
    return this.#mayKnow() ? this.#known(key) : undefined
  }

  /** Always asks, and keeps the answer unless the session changed while it was under way. */
  async load(key: string): Promise<StoredSession | undefined> {
    const reading = new UnderWay()
    if (this.#mayKnow()) this.#kept.set(key, reading)
    const stored = await this.#store.load(key)
    if (this.#kept.get(key) === reading) this.#keep(key, stored)
    return stored
  }

  create(key: string, session: NewSession): Promise<boolean> {
    return this.#forgetting(key, this.#store.create(key, session))
  }

  /**
   * Keeps what it wrote, so that reading it again asks nobody. Until the answer is there, what was before is known:
   * nobody has been told of another text. Whatever began meanwhile may have come before or after, so it is dropped.
   */
  async update(key: string, change: TextChange): Promise<Updated> {
    const mayKnow = this.#mayKnow()
    const writing = new UnderWay(mayKnow ? this.#known(key) : undefined)
    if (mayKnow) this.#kept.set(key, writing)
    let written: StoredSession | undefined
    try {
      const updated = await this.#store.update(key, change)
      if (updated.outcome === 'stored') written = updated.stored
      return updated
    } finally {
      this.#keep(key, this.#kept.get(key) === writing ? written : undefined)
    }
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

  /** Which of them ended when the store could not say it to the end, nobody knows. */
  async endAll(name: string, except?: string): Promise<readonly string[]> {
    try {
      const ended = await this.#store.endAll(name, except)
      for (const key of ended) this.#kept.delete(key)
      return ended
    } catch (error) {
      this.#kept.clear()
      throw error
    }
  }

  keys(): AsyncIterable<string> {
    return this.#store.keys()
  }

  /** It takes its time, and nothing is known meanwhile. */
  async endEvery(): Promise<number> {
    this.#endings += 1
    this.#kept.clear()
    try {
      return await this.#store.endEvery()
    } finally {
      this.#endings -= 1
    }
  }

  async fitness(): Promise<RedisFitness> {
    const fitness = await this.#store.fitness?.()
    return { ...fitness, ...(this.#changes.refusal && { refusesToTell: this.#changes.refusal }) }
  }

  close(): Promise<void> {
    this.#changes.close()
    return this.#store.close()
  }

  #mayKnow(): boolean {
    return this.#endings === 0 && this.#changes.areTold()
  }

  #known(key: string): StoredSession | undefined {
    const kept = this.#kept.get(key)
    return kept instanceof UnderWay ? kept.known : kept
  }

  #keep(key: string, stored: StoredSession | undefined): void {
    if (stored) this.#kept.set(key, stored)
    else this.#kept.delete(key)
  }

  /**
   * Whoever is told that a change was made must not read what was before; nor may a read or a write under way
   * bring it back, whichever of them the store hears first.
   */
  async #forgetting<T>(key: string, change: Promise<T>): Promise<T> {
    try {
      return await change
    } finally {
      this.#kept.delete(key)
    }
  }
}
