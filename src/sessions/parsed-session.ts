import { type SessionRecord, type SignedInUser, userOf, withLabel } from './session-record.ts'
import type { SessionStore, StoredSession } from './session-store.ts'
import { recordIn, textOf } from './session-text.ts'

/** A session that was read, parsed once, with what was worked out about it: the cache keeps all of that together. */
export class ParsedSession implements StoredSession {
  readonly text: string
  readonly expiresAt: number
  readonly record: Readonly<SessionRecord>
  /** Frozen: all requests of the session are given the same object. */
  readonly user: SignedInUser | undefined
  readonly label: string | undefined
  /** The text in the store, if it has a former name of the account: `text` and `record` have the present one. */
  readonly formerText: string | undefined
  /** Fresh until (ms), once it was worked out: before then a read needs no expiry check and no touch. */
  freshUntil: number | undefined
  /** Up to which ending it is known not to be over: see Verdicts. */
  judgedAt: number | undefined

  /** @param record the parsed text, if somebody has it: never an object that may change */
  constructor({ text, expiresAt, label }: StoredSession, record: Readonly<SessionRecord> = recordIn(text)) {
    const named = withLabel(record, label)
    const isFormer = named !== record
    this.text = isFormer ? textOf(named) : text
    this.formerText = isFormer ? text : undefined
    this.expiresAt = expiresAt
    this.label = label
    this.record = named
    this.user = Object.freeze(userOf(named))
  }
}

/** A store with a cache in front of it. */
export interface CachingStore extends SessionStore {
  /** What `load` would return, if that is known without the store; it may have expired. */
  peek(key: string): ParsedSession | undefined
}

export function cacheOf(store: SessionStore | CachingStore): Pick<CachingStore, 'peek'> | undefined {
  return 'peek' in store ? store : undefined
}

/** What a store has read; a cache has parsed it already. */
export function parsed(stored: StoredSession): ParsedSession {
  return stored instanceof ParsedSession ? stored : new ParsedSession(stored)
}
