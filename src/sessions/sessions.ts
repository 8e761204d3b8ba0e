import { createHash, randomUUID } from 'node:crypto'
import type { SessionLifetimes } from '../config.ts'
import { StorageError } from '../errors.ts'
import { endOfSession, lastEnd } from './lifetimes.ts'
import { mergeChange, type RecordChange } from './record-change.ts'
import type { SessionRecord } from './session-record.ts'
import type { SessionStore } from './session-store.ts'

/** Reading a session moves its end at most this often, so that a read is seldom a write. */
const touchAtMostEveryMilliseconds = 60_000

export interface SessionsOptions {
  readonly store: SessionStore
  readonly lifetimes: SessionLifetimes
  readonly now?: () => number
}

/**
 * The sessions of the service: records in, records out, under ids that only the browser and the request know.
 * At rest there are hashes of them, so a dump of the store holds nothing that can be put into a cookie.
 * Every method throws StorageError when the store cannot answer.
 */
export class Sessions {
  readonly #store: SessionStore
  readonly #lifetimes: SessionLifetimes
  readonly #now: () => number
  readonly #turns = new Map<string, Promise<void>>()

  constructor({ store, lifetimes, now = Date.now }: SessionsOptions) {
    this.#store = store
    this.#lifetimes = lifetimes
    this.#now = now
  }

  /** Keeps a new session under an id nobody has had. @returns the record as kept, with its start */
  async create(id: string, record: SessionRecord): Promise<SessionRecord> {
    const now = this.#now()
    const started = { ...record, startedAt: now }
    const expiresAt = endOfSession(started, this.#lifetimes, now)
    const key = keyOf(id)
    const owner =
      started.user === undefined
        ? undefined
        : { name: started.user, endsAt: lastEnd(started, this.#lifetimes) }
    const creating = this.#store.create(key, { text: JSON.stringify(started), expiresAt, owner })
    // A store that was too slow to say so may keep it all the same, and nobody would hold its id.
    creating.catch(() => this.#store.end(key)).catch(nothing)
    const isNew = await creating
    if (!isNew) throw new StorageError('The session store', new Error('The id of a new session is taken.'))
    return started
  }

  /** Using a session puts its idle end off. @returns undefined when it is over, was ended or never was */
  async load(id: string): Promise<SessionRecord | undefined> {
    const key = keyOf(id)
    const now = this.#now()
    const stored = await this.#store.load(key)
    if (!stored || stored.expiresAt <= now) return undefined

    const record: SessionRecord = JSON.parse(stored.text)
    const end = endOfSession(record, this.#lifetimes, now)
    if (end <= now) return undefined
    if (end - stored.expiresAt >= this.#touchEvery(record)) await this.#store.touch(key, end)
    return record
  }

  /**
   * Stores what a request changed in a session, and only that: whatever other requests changed in the
   * meantime, in this process or another, stays. Of two that change the same key the later one counts.
   * @returns false when the session is gone; then nothing is written
   */
  update(id: string, change: RecordChange): Promise<boolean> {
    return this.#inTurn(keyOf(id), (key) => this.#merge(key, change))
  }

  /** Does nothing but ask the store for an answer. */
  async reach(): Promise<void> {
    await this.#store.load('reachable')
  }

  /**
   * Finds out whether a session could be kept just now, which a full store cannot though it answers: keeps
   * one that is nobody's and ends it. Should this process end in between, it is over after a second.
   */
  async tryOut(): Promise<void> {
    const key = keyOf(randomUUID())
    await this.#store.create(key, { text: '{}', expiresAt: this.#now() + 1000 })
    await this.#store.end(key)
  }

  /** Ends a session for good; one that is gone already is no error. */
  end(id: string): Promise<void> {
    return this.#store.end(keyOf(id))
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  /** A short idle time is followed more closely. */
  #touchEvery({ remember }: SessionRecord): number {
    const { idle, rememberIdle } = this.#lifetimes
    return Math.min(touchAtMostEveryMilliseconds, (remember ? rememberIdle : idle) / 10)
  }

  async #merge(key: string, { before, after }: RecordChange): Promise<boolean> {
    let change = { from: JSON.stringify(before), to: JSON.stringify(after) }
    for (;;) {
      const updated = await this.#store.update(key, change)
      if (updated.outcome !== 'conflict') return updated.outcome === 'stored'
      const theirs: SessionRecord = JSON.parse(updated.text)
      change = { from: updated.text, to: JSON.stringify(mergeChange({ before, after }, theirs)) }
    }
  }

  /** Lets the updates of one session through one by one, so that only other processes can conflict. */
  async #inTurn<T>(key: string, update: (key: string) => Promise<T>): Promise<T> {
    const previous = this.#turns.get(key) ?? Promise.resolve()
    const result = previous.then(() => update(key))
    const turn = result.then(nothing, nothing)
    this.#turns.set(key, turn)
    await turn
    if (this.#turns.get(key) === turn) this.#turns.delete(key)
    return result
  }
}

/** Ids have 192 random bits: a bare hash cannot be turned back, and no salt is needed. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}

function nothing(): void {}
