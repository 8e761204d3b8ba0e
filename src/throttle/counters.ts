/** What a counter lets through. Times are in milliseconds. */
export interface Allowance {
  /** So many tries in a row may be wrong before the next has to wait; Infinity: no try ever waits. */
  readonly free: number
  /** So many in a row, and none is let through until the counter is reset. */
  readonly max: number
  /** One wrong try is forgotten after each such time; Infinity: only a reset forgets. */
  readonly decaysEvery: number
  /** How long the counter is kept after the last try: longer than any wait. */
  readonly expiresAfter: number
}

/** One counter, and what it lets through. */
export interface Limit {
  readonly key: string
  readonly allowance: Allowance
}

export type Taken =
  /** How many in a row this one makes in each counter; a fraction of the last may be forgotten already. */
  | { readonly ok: true; readonly counts: readonly number[] }
  /** When the next try may be made, milliseconds since 1970; Infinity: not before a reset. */
  | { readonly ok: false; readonly until: number }

/**
 * How often somebody tried in vain. Each method is one step in the store, so that tries at the same moment, on
 * whatever machine, each count. All throw StorageError when the store cannot answer; then nobody is let through.
 */
export interface Counters {
  /**
   * Counts a try as a wrong one in all of these counters, before it is made, or in none of them where one does not
   * let it through. When it is the last free one of a counter or a later, nobody else gets through there for the few
   * seconds that it may take: see `hold` and `release` for what follows.
   */
  take(limits: readonly Limit[]): Promise<Taken>
  /** The try was wrong, and the next has to wait. Does nothing to a counter that was reset meanwhile. */
  backOff(key: string, until: number): Promise<void>
  /** The try was not wrong after all, and does not count; under the keys to `reset` no earlier one does either. */
  release(limits: readonly Limit[], reset?: readonly string[]): Promise<void>
  /** Does nothing but ask the store for an answer. */
  ping(): Promise<void>
  /** Lets go of timers and connections. */
  close(): Promise<void>
}

/** Longer than a password takes to be checked, with all the waiting for its turn. */
export const provisionalBackOffMilliseconds = 10_000
