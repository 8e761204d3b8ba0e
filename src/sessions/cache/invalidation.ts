import type { ParsedSession } from '../parsed-session.ts'

/** Called with the key of a changed session, or without a key when any session may have changed. */
export type Invalidate = (key?: string) => void

/**
 * Notifies of changes in a store that this process did not make: by other processes, expiry, administrators.
 */
export interface Invalidation {
  /**
   * From now on `invalidate` is called for them. It may or may not be called for this process's own changes.
   */
  listen(forget: Invalidate): void

  /** Whether cached sessions may be used: all changes up to a moment ago have been reported. */
  isCurrent(): boolean

  /** Why the store refuses to notify, in its own words. */
  readonly refusal?: string | undefined

  /** Resolves when the store has agreed to notify, or refused. */
  settled?(): Promise<void>

  /** Whether sessions are used for up to a second where it refuses. */
  readonly keepsUntracked?: boolean | undefined

  close(): void
}

/** What has ended, or got another name, without a change of what is stored: asked at each use of a cached session. */
export interface Verdicts {
  /** Another one after each ending. */
  readonly version: number
  /** Whether it is over, or has to be read again. */
  isOver(key: string, session: ParsedSession): boolean
  listen(listener: {
    onTold(owners: readonly string[] | undefined): void
    onForgotten(key?: string): void
  }): void
}
