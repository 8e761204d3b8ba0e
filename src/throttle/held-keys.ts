import { LruCache } from '../primitives/lru-cache.ts'
import { type Claimant, type Counter, claimants } from './attempt-counters.ts'

/** Another process may have opened what is held. */
const believedMilliseconds = 1000

interface Held {
  readonly until: number
  readonly believedUntil: number
}

/**
 * The counters that have just refused an attempt, by who tried: claimants share counters, with limits of their
 * own. While one is believed, the next attempt is refused without asking the store, so that a flood of attempts
 * costs little.
 */
export class HeldKeys {
  readonly #held = new LruCache<string, Held>(10_000)
  readonly #now: () => number
  /** After that nothing is believed. */
  #believedUntil = Number.NEGATIVE_INFINITY

  constructor(now: () => number) {
    this.#now = now
  }

  /** Until when an attempt is refused by one of these counters, as far as is known. */
  until(counters: readonly Counter[], claimant: Claimant): number | undefined {
    const now = this.#now()
    // Keys are hashes, which most attempts need not make for this.
    if (now >= this.#believedUntil) return undefined
    for (const { heldAs } of counters) {
      const held = this.#held.get(`${claimant} ${heldAs}`)
      if (held && now < held.until && now < held.believedUntil) return held.until
    }
    return undefined
  }

  /** The counter has refused an attempt. @param until milliseconds since 1970; Infinity: until it is reset */
  hold({ heldAs }: Counter, claimant: Claimant, until: number): void {
    this.#believedUntil = this.#now() + believedMilliseconds
    this.#held.set(`${claimant} ${heldAs}`, { until, believedUntil: this.#believedUntil })
  }

  /** The counters may let the next attempt through. */
  release(counters: readonly Counter[]): void {
    if (this.#now() >= this.#believedUntil) return
    for (const { heldAs } of counters)
      for (const claimant of claimants) this.#held.delete(`${claimant} ${heldAs}`)
  }
}
