import type { RedisFitness } from './redis-fitness.ts'

/** A session at rest: its JSON text, and when it ends unless it is used before (milliseconds since 1970). */
export interface StoredSession {
  readonly text: string
  readonly expiresAt: number
}

/** A session that is to be kept, and whose it is. */
export interface NewSession extends StoredSession {
  readonly owner?: Owner | undefined
}

export interface Owner {
  /** The name of who is signed in, as it stands in the session. */
  readonly name: string
  /** When the session ends however much it is used: milliseconds since 1970. */
  readonly endsAt: number
}

export interface TextChange {
  readonly from: string
  readonly to: string
}

export type Updated =
  | { readonly outcome: 'stored' | 'gone' }
  | { readonly outcome: 'conflict'; readonly text: string }

/**
 * Where sessions are kept. Keys are hashes of session ids, texts are JSON that a store never looks into.
 * A session is gone once it was ended or `expiresAt` has passed, whichever is first.
 *
 * Every method throws StorageError when the store cannot answer; then nothing was changed as far as anyone
 * can know, and the caller must not go on as if it were.
 */
export interface SessionStore {
  /** Keeps a new session. Never overwrites: an existing key is left as it is and answers false. */
  create(key: string, session: NewSession): Promise<boolean>

  /** @returns undefined when there is none or it is over */
  load(key: string): Promise<StoredSession | undefined>

  /**
   * Replaces the text and leaves the expiry, in one step with looking whether the text is still `from`.
   * Never revives: a session that is gone stays gone. Never overwrites what somebody else wrote in between:
   * then nothing is changed and their text is the answer.
   */
  update(key: string, change: TextChange): Promise<Updated>

  /** Moves the expiry without touching the text. Does nothing to a session that is gone. */
  touch(key: string, expiresAt: number): Promise<void>

  /** Ends a session for good. Ending one that is gone is no error. */
  end(key: string): Promise<void>

  /** Ends every session of one person, in whatever browser. */
  endAll(name: string): Promise<void>

  /** What a store outside this process says about keeping what it is given. */
  fitness?(): Promise<RedisFitness>

  /** Lets go of timers and connections. */
  close(): Promise<void>
}
