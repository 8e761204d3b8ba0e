import type { RedisDurability } from '../redis/durability.ts'
import type { RoughCount } from '../redis/rough-count.ts'
import type { SessionRecord } from './session-record.ts'

/** A session at rest: its JSON text, and its expiry in milliseconds since 1970. */
export interface StoredSession {
  readonly text: string
  readonly expiresAt: number
  /** The present name of its account, if the store knows it: the text may have a former one. */
  readonly label?: string | undefined
}

/** A session to store, and whose it is: see ownerKeyOf. */
export interface NewSession extends StoredSession {
  readonly owner?: string | undefined
}

export interface ListedSession extends StoredSession {
  readonly key: string
  /** Its place in the list: a page after it begins with the next one. Says nothing about the key. */
  readonly cursor: string
}

/** A part of a user's sessions. */
export interface PageRequest {
  /** The cursor of the session before the page, from a page in either order. Without it the first page. */
  readonly after?: string | undefined
  readonly limit: number
  /** The one that was used last comes first, or the one that was not used for longest. */
  readonly order?: 'last used' | 'longest unused'
}

export interface SessionPage {
  readonly sessions: readonly ListedSession[]
  /** The `after` of the next page, if there is one. */
  readonly next: string | undefined
}

/** What a cursor looks like. */
export const cursorPattern = /^\d{1,16}(\.\d{1,16})?$/

export interface Touch {
  readonly expiresAt: number
  readonly owner?: string | undefined
}

export interface TextChange {
  readonly from: string
  readonly to: string
  /** `to` as parsed, if known, for a cache: never an object that may change. */
  readonly record?: Readonly<SessionRecord> | undefined
  /**
   * Whether what the session was before is over for good, also in a store that goes back in time: then `to` is of a later
   * generation.
   */
  readonly endsFormer?: boolean | undefined
  /** Present if the session's owner changes: see ownerKeyOf. */
  readonly ownerChange?: OwnerChange | undefined
}

export interface OwnerChange {
  readonly from: string | undefined
  readonly to: string | undefined
  /** The session's expiry: milliseconds since 1970. */
  readonly expiresAt: number
}

export type Updated =
  | { readonly outcome: 'stored'; readonly stored: StoredSession }
  | { readonly outcome: 'conflict'; readonly text: string }
  | { readonly outcome: 'gone' }

/**
 * Notifications of changes in a store, by this process or any other: from `tellChanges` on, `changed` is called with the
 * key of a session that may have changed or ended, or without a key when any may have.
 */
export interface Changes {
  /** Whether all changes up to a moment ago have been reported, of sessions that were loaded since it became true. */
  isCurrent(): boolean
}

/**
 * The port of session stores. Keys are hashes of session ids, texts are JSON. A session is gone after it was
 * ended or has expired, and leaves nothing behind.
 *
 * Every method throws StorageError when the store cannot answer. Then, as far as can be known, nothing was
 * changed, and the caller must not continue as if it were.
 */
export interface SessionStore {
  /** Stores a new session. Never overwrites: returns false if the key exists. */
  create(key: string, session: NewSession): Promise<boolean>

  /** @returns undefined if it does not exist or has expired */
  load(key: string): Promise<StoredSession | undefined>

  /**
   * Replaces the text and keeps the expiry, atomically, if the text is still `from`. Never recreates a
   * session that is gone. If somebody else changed the text, nothing is changed and the result has their
   * text.
   */
  update(key: string, change: TextChange): Promise<Updated>

  /** Sets the expiry and keeps the text. Does nothing if the session is gone. */
  touch(key: string, touch: Touch): Promise<void>

  /**
   * Deletes a session that was found to be over by a clock other than the store's, so that no clock finds it open
   * again. Does nothing if it has changed or was touched since: then it was used.
   */
  expire(key: string, found: StoredSession): Promise<void>

  /** Ends a session for good. @returns its text; undefined if it was gone already */
  revoke(key: string): Promise<string | undefined>

  /** Ends a session if it belongs to this user. @returns false if it does not, or was gone already */
  revokeOf(owner: string, key: string): Promise<boolean>

  /**
   * A page of a user's sessions. Creating, touching, and a change of the owner are uses. Never reads more at
   * once than a hundred sessions. A page that passed very many expired sessions may be shorter.
   */
  page(owner: string, request: PageRequest): Promise<SessionPage>

  /** How many sessions a user has, counted up to `limit`; some of them may have expired. */
  count(owner: string, limit: number): Promise<number>

  /**
   * Ends all sessions that an owner has, except the one under `except`, in one step however many there are: what is left
   * of them is nobody's, and `revokeSome` deletes it.
   * @returns below which epoch sessions are over; undefined: the store cannot, `revokeSome` has to end them
   */
  endAllOf?(owner: string, except?: string): Promise<number | undefined>

  /** After an account was changed in the database: what that has ended is over when it resolves. */
  applyEndings?(): Promise<void>

  /**
   * The epoch of sessions that begin now for a name without an account, or a lower one if they were ended since.
   * @param arrivedAt when the request began, by `performance.now()`; undefined: without a request
   */
  epochOfName?(owner: string, arrivedAt?: number): Promise<number>

  /** The era of sessions that begin now; 0 by default. */
  readonly era?: number

  /**
   * Ends some of a user's sessions, a bounded number.
   * @param except not the one under this key
   * @param below only those of a lower epoch: what `endAllOf` has left
   * @returns the keys of the ended sessions; empty: no other one is left
   */
  revokeSome(owner: string, except?: string, below?: number): Promise<readonly string[]>

  /** How many sessions there are, roughly: at a cost that does not grow with them. Some of them may be over. */
  total?: (() => Promise<RoughCount>) | undefined

  /** The keys of all sessions, each at least once; of sessions that start or end meanwhile perhaps. */
  keys(): AsyncIterable<string>

  /** Ends all sessions of everybody. @returns how many there were */
  revokeEverything(): Promise<number>

  /** Missing if the store cannot notify of changes. Called at most once: see Changes. */
  tellChanges?(changed: (key?: string) => void): Changes

  /**
   * As `tellChanges`, of accounts in the database: called with the id of one that may have changed, an empty one or none
   * when any may have. It is told within the time in which an ending is. Called at most once.
   */
  tellAccounts?(changed: (account?: string) => void): Changes

  /** What the store may lose, if it is outside this process. */
  readonly durability?: (() => Promise<RedisDurability>) | undefined

  /** Releases timers and connections. */
  close(): Promise<void>
}
