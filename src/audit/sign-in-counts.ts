import { setImmediate as nextTurn } from 'node:timers/promises'
import { LruCache } from '../primitives/lru-cache.ts'
import type { AuditEventName } from './audit-event.ts'
import type { AuditTrail } from './audit-trail.ts'

/** The events of each outcome. Of attempts that had to wait one a minute is recorded for each network. */
const outcomes = {
  succeeded: ['sign-in'],
  refused: ['sign-in-refused', 'code-refused', 'passkey-refused'],
  throttled: ['sign-in-throttled']
} as const satisfies Record<string, readonly AuditEventName[]>

/** Sign-ins in a span of time, in milliseconds since 1970. */
export interface SignIns {
  readonly from: number
  readonly to: number
  readonly succeeded: number
  readonly refused: number
  readonly throttled: number
}

const hour = 3_600_000
const [hours, days] = [24, 30]
/** A span that ended so long ago has all its events. */
const writtenWithin = 60_000

type Trail = Pick<AuditTrail, 'countOf' | 'now'>

/**
 * Counts sign-ins by outcome. A span that is over is counted once, by an index: then each look costs the same, however
 * many there were.
 */
export class SignInCounts {
  readonly #trail: Trail
  readonly #known = new LruCache<string, SignIns>(4 * (hours + days))

  constructor(trail: Trail) {
    this.#trail = trail
  }

  /** In each of the last 24 hours, the present one the last. */
  lastDay(): Promise<readonly SignIns[]> {
    const end = Math.ceil((this.#trail.now() + 1) / hour) * hour
    return this.#inEach(Array.from({ length: hours + 1 }, (_, index) => end - (hours - index) * hour))
  }

  /** On each of the last 30 days of the server's time zone, today the last. */
  lastMonth(): Promise<readonly SignIns[]> {
    const midnight = (inDays: number) => {
      const date = new Date(this.#trail.now())
      return new Date(date.getFullYear(), date.getMonth(), date.getDate() + inDays).getTime()
    }
    return this.#inEach(Array.from({ length: days + 1 }, (_, index) => midnight(index + 1 - days)))
  }

  /** One span after the other, so that nobody waits for all of them. */
  async #inEach(ends: readonly number[]): Promise<readonly SignIns[]> {
    const counted: SignIns[] = []
    for (const [index, to] of ends.entries()) {
      const from = ends[index - 1]
      if (from === undefined) continue
      counted.push(this.#known.get(`${from} ${to}`) ?? (await this.#count(from, to)))
    }
    return counted
  }

  async #count(from: number, to: number): Promise<SignIns> {
    const count = (events: readonly AuditEventName[]) => this.#trail.countOf(events, { from, to })
    await nextTurn()
    const [succeeded, refused, throttled] = [
      await count(outcomes.succeeded),
      await count(outcomes.refused),
      await count(outcomes.throttled)
    ]
    const counted = { from, to, succeeded, refused, throttled }
    if (to + writtenWithin < this.#trail.now()) this.#known.set(`${from} ${to}`, counted)
    return counted
  }
}
