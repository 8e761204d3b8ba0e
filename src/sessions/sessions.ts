import { createHash } from 'node:crypto'
import type { SessionLifetimes } from '../config.ts'
import { StorageError } from '../errors.ts'
import { endOfSession } from './lifetimes.ts'
import type { SessionRecord } from './session-record.ts'
import type { SessionStore } from './session-store.ts'

/** Reading a session moves its end at most this often, so that a read is seldom a write. */
const touchEveryMilliseconds = 60_000

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
    const isNew = await this.#store.create(keyOf(id), { text: JSON.stringify(started), expiresAt })
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
    if (end - stored.expiresAt >= touchEveryMilliseconds) await this.#store.touch(key, end)
    return record
  }

  /** @returns false when the session is gone; then nothing is written */
  update(id: string, record: SessionRecord): Promise<boolean> {
    return this.#store.update(keyOf(id), JSON.stringify(record))
  }

  /** Ends a session for good; one that is gone already is no error. */
  end(id: string): Promise<void> {
    return this.#store.end(keyOf(id))
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

/** Ids have 192 random bits: a bare hash cannot be turned back, and no salt is needed. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
