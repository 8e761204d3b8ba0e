import type { RedisDurability } from '../redis/durability.ts'
import type { SessionRecord } from './session-record.ts'

/** A session at rest: its JSON text, and when it ends unless it is used before (milliseconds since 1970). */
export interface StoredSession {
  readonly text: string
  readonly expiresAt: number
  /** What the text says, once somebody has taken it apart: a text that is used again is not taken apart again. */
  record?: Readonly<SessionRecord>
  /** Until when whoever uses it need only read it (milliseconds since 1970), once somebody has worked that out. */
  freshUntil?: number
}

/** A session that is to be kept, and the name of whose it is. */
export interface NewSession extends StoredSession {
  readonly owner?: string | undefined
}

export interface ListedSession extends StoredSession {
  readonly key: string
}

export interface Touch {
  readonly expiresAt: number
  readonly owner?: string | undefined
}

export interface TextChange {
  readonly from: string
  readonly to: string
  /** Given when the session becomes somebody's, or somebody else's, or nobody's. */
  readonly ownerChange?: OwnerChange | undefined
}

export interface OwnerChange {
  readonly from: string | undefined
  readonly to: string | undefined
  /** When the session ends unless it is used: milliseconds since 1970. */
  readonly expiresAt: number
}

export type Updated =
  | { readonly outcome: 'stored'; readonly stored: StoredSession }
  | { readonly outcome: 'conflict'; readonly text: string }
  | { readonly outcome: 'gone' }

/**
 * Where sessions are kept. Keys are hashes of session ids, texts are JSON. A session is gone once it was
 * ended or `expiresAt` has passed, whichever is first, and what is gone leaves nothing behind.
 *
 * Every method throws StorageError when the store cannot answer; then nothing was changed as far as anyone
 * can know, and the caller must not go on as if it were.
 */
export interface SessionStore {
  /** Keeps a new session. Never overwrites: an existing key is left as it is and answers false. */
  create(key: string, session: NewSession): Promise<boolean>

  /** @returns undefined when there is none or it is over */
  load(key: string): Promise<StoredSession | undefined>

  /** What `load` would answer, where that is known without asking, or one that is over: see CachedStore. */
  peek?(key: string): StoredSession | undefined

  /**
   * Replaces the text and leaves the expiry, in one step with looking whether the text is still `from`.
   * Never revives: a session that is gone stays gone. Never overwrites what somebody else wrote in between:
   * then nothing is changed and their text is the answer.
   */
  update(key: string, change: TextChange): Promise<Updated>

  /** Moves the expiry without touching the text. Does nothing to a session that is gone. */
  touch(key: string, touch: Touch): Promise<void>

  /** Ends a session for good. @returns false when it was gone already */
  revoke(key: string): Promise<boolean>

  /** Every session of one person, in whatever browser, in no particular order. */
  listByUser(name: string): Promise<readonly ListedSession[]>

  /** Ends every session of one person but the one under `except`. @returns the keys of those there were */
  revokeAllOf(name: string, except?: string): Promise<readonly string[]>

  /** The key of every session, each once or more; of one that begins or ends meanwhile perhaps. */
  keys(): AsyncIterable<string>

  /** Ends every session of everybody. @returns how many there were */
  revokeEverything(): Promise<number>

  /** What a store outside this process says about keeping what it is given. */
  durability?(): Promise<RedisDurability>

  /** Lets go of timers and connections. */
  close(): Promise<void>
}
