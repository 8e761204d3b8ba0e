/** Below it every session is over: until the database is back it is not known which epoch comes next. */
export const everyEpoch = Number.MAX_SAFE_INTEGER

/** A session that is not over. */
export interface ReadSession {
  readonly text: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** The present name of its account, if that is known: the text may have a former one. */
  readonly label?: string | undefined
}

/**
 * What a store of sessions needs to know of endings. Every method throws StorageError when a store that it needs does
 * not answer; of a write it is then unknown whether it was done.
 */
export interface StoreEndings {
  /** @returns undefined if there is none under this key, or it is over */
  read(key: string): Promise<ReadSession | undefined>

  /** Ends a session for good. @returns its text, or null if it was gone */
  end(key: string): Promise<string | null>

  /** Before a session is deleted if it has this text: logs that it is over. A later generation of it goes on. */
  log(key: string, text: string): Promise<void>

  /**
   * Logs that a session ended below its new generation: before it passes to somebody else or nobody, and after it has
   * moved to another key, because until then it goes on under this one.
   */
  logHandover(key: string, from: string, to: string): Promise<void>

  /**
   * Ends all sessions of an owner, in one step.
   * @param keep the key of the session that goes on, unless it is over itself
   * @returns below which epoch sessions are over; undefined: that cannot be, delete them one by one
   */
  endAllOf(owner: string, keep?: string): Promise<number | undefined>

  /** Ends everybody's sessions, in one step. @returns false: that cannot be, end them one by one */
  endEverything(): Promise<boolean>

  /**
   * The epoch of sessions that an app makes out of a name now, or a lower one if they were ended since.
   * @param arrivedAt when the request began, by `performance.now()`; undefined: without a request
   */
  epochOfName(owner: string, arrivedAt?: number): Promise<number>

  /** Everything that was logged before is over when it resolves. */
  follow(): Promise<void>

  /** The id of the ledger of another installation that has the same prefix on this Redis. */
  otherInstallation?(): Promise<string | undefined>

  /** The era of sessions that begin now. */
  readonly era: number

  close(): void
}
