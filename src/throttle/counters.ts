/** The limits of a counter. Times are in milliseconds. */
export interface Allowance {
  /** Attempts before the next has to wait longer and longer; Infinity: no attempt does. */
  readonly free: number
  /** Attempts before all are refused until one expires, or until a reset. */
  readonly max: number
  /** One attempt expires after each such time; Infinity: only a reset removes any. */
  readonly decaysEvery: number
  /** How long the counter is stored after the last attempt: longer than any wait. */
  readonly expiresAfter: number
}

/** A counter and its limits. */
export interface Limit {
  readonly key: string
  readonly allowance: Allowance
}

export type Taken =
  /** The number of attempts in each counter, this one included; a part of the last may have expired. */
  | { readonly ok: true; readonly counts: readonly number[] }
  /**
   * When the next attempt may be allowed, milliseconds since 1970; Infinity: only after a reset. And which
   * counter refused it.
   */
  | { readonly ok: false; readonly until: number; readonly key: string }

/**
 * Counters of attempts. Each method is one step in the store, so concurrent attempts, on whatever
 * machine, are all counted. Every method throws StorageError when the store cannot answer; then nobody is let
 * through.
 */
export interface Counters {
  /**
   * Counts an attempt as failed before it is made: in all these counters, or in none if one of them refuses
   * it. At the last free attempt of a counter and after it, no other attempt is allowed for the few seconds
   * that this one may take: `backOff` or `release` follows.
   */
  take(limits: readonly Limit[]): Promise<Taken>
  /** The attempt failed, and the next has to wait. Does nothing to a counter that was reset meanwhile. */
  backOff(key: string, until: number): Promise<void>
  /** The attempt did not fail and is not counted; the counters of the keys in `reset` are set to zero. */
  release(limits: readonly Limit[], reset?: readonly string[]): Promise<void>
  /** Checks that the store answers. */
  ping(): Promise<void>
  /** Releases timers and connections. */
  close(): Promise<void>
}

/** Longer than verifying a password takes, waiting included. */
export const provisionalBackOffMilliseconds = 10_000
