import { hash } from 'node:crypto'
import { nameKey } from '../identity/names.ts'
import { networkOf } from '../web/client-network.ts'
import {
  account,
  accountFromKnownDevice,
  address,
  backOffAfter,
  device,
  pair,
  registration,
  success
} from './allowances.ts'
import type { Counters, Limit } from './counters.ts'

/** An attempt to sign in. */
export interface Attempt {
  /** As typed: it makes no difference whether the account exists. */
  readonly name: string
  readonly address: string
  /** The id in the browser's device cookie, if this user signed in from it before. */
  readonly device: string | undefined
}

/** The outcome of an attempt. Closed: no password would be accepted. */
export interface CheckOutcome {
  readonly ok: boolean
  readonly reason?: string
}

/** The password was not checked, or no password would be accepted. */
export interface Throttled {
  readonly ok: false
  readonly reason: 'throttled'
  /** Infinity: waiting does not help; the account has to be opened. */
  readonly retryAfterSeconds: number
}

/** What runs if an attempt is allowed, and whether its outcome counts as a failed attempt. */
export interface GuardedStep<Outcome> {
  readonly run: () => Promise<Outcome>
  readonly counts: (outcome: Outcome) => boolean
}

interface Counter extends Limit {
  /** What a success does to it: reset it to zero, take its own attempt back, or leave it counted. */
  readonly atSuccess: 'reset' | 'release' | 'count'
}

export interface ThrottleOptions {
  readonly counters: Counters
  readonly now?: () => number
}

/**
 * Limits wrong passwords by name, by address and by both together, and right ones by name. Browsers with a device cookie have
 * counters of their own, so that an attacker does not lock the owner out. Every method throws StorageError
 * when the counters cannot be reached.
 */
export class Throttle {
  readonly #counters: Counters
  readonly #now: () => number

  constructor({ counters, now = Date.now }: ThrottleOptions) {
    this.#counters = counters
    this.#now = now
  }

  /**
   * Runs the check if an attempt is left, and counts it if the password was wrong. Attempts are counted
   * before the check, so concurrent ones cannot exceed the limit. An unknown browser is not told that an
   * account is closed by its own count alone: that would reveal that the name exists.
   * @param check gets the limit of wrong passwords in a row; if it rejects, the attempt is not counted
   */
  async guard<Outcome extends CheckOutcome>(
    attempt: Attempt,
    check: (max: number) => Promise<Outcome>
  ): Promise<Outcome | Throttled> {
    const isKnown = attempt.device !== undefined
    const { max } = isKnown ? accountFromKnownDevice : account
    const step = { run: () => check(max), counts: ({ ok }: Outcome) => !ok }
    const outcome = await this.#attempt(countersOf(attempt), step)
    return isKnown && outcome.reason === 'closed' ? this.#throttled(Number.POSITIVE_INFINITY) : outcome
  }

  /**
   * Runs a registration if the network has an attempt left. Registration reveals which names are taken; this
   * slows down whoever asks for many (ASVS 6.3.8).
   * @param from the address
   * @param step.counts whether the outcome revealed something about a name
   */
  guardRegistration<Outcome>(from: string, step: GuardedStep<Outcome>): Promise<Outcome | Throttled> {
    const key = counterKey('naming', networkOf(from))
    return this.#attempt([{ key, allowance: registration, atSuccess: 'release' }], step)
  }

  /** Resets the counters of a name, for an administrator who opens the account. */
  async reset(name: string): Promise<void> {
    await this.#counters.release([], [accountKey(nameKey(name))])
  }

  /** Checks that the counters answer. */
  ping(): Promise<void> {
    return this.#counters.ping()
  }

  close(): Promise<void> {
    return this.#counters.close()
  }

  async #attempt<Outcome>(
    counters: readonly Counter[],
    { run, counts }: GuardedStep<Outcome>
  ): Promise<Outcome | Throttled> {
    const taken = await this.#counters.take(counters)
    if (!taken.ok) return this.#throttled(taken.until)
    const outcome = await this.#orRelease(counters, run)
    await (counts(outcome) ? this.#backOff(counters, taken.counts) : this.#reset(counters))
    return outcome
  }

  async #orRelease<Outcome>(counters: readonly Counter[], check: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await check()
    } catch (error) {
      // The first error is the one to report.
      await this.#counters.release(counters).catch(() => {})
      throw error
    }
  }

  async #reset(counters: readonly Counter[]): Promise<void> {
    const those = (what: Counter['atSuccess']) => counters.filter(({ atSuccess }) => atSuccess === what)
    const forgotten = those('reset').map(({ key }) => key)
    await this.#counters.release(those('release'), forgotten)
  }

  async #backOff(counters: readonly Counter[], counts: readonly number[]): Promise<void> {
    const now = this.#now()
    const steps = counters.map(async ({ key, allowance, atSuccess }, index) => {
      if (atSuccess === 'count') return this.#counters.release([{ key, allowance }])
      const wait = backOffAfter(counts[index] ?? 0, allowance)
      if (wait > 0) await this.#counters.backOff(key, now + wait)
    })
    await Promise.all(steps)
  }

  #throttled(until: number): Throttled {
    const seconds = Math.max(1, Math.ceil((until - this.#now()) / 1000))
    return { ok: false, reason: 'throttled', retryAfterSeconds: seconds }
  }
}

function countersOf({ name, address: from, device: id }: Attempt): readonly Counter[] {
  const person = nameKey(name)
  const right: Counter = { key: counterKey('success', person), allowance: success, atSuccess: 'count' }
  if (id !== undefined) {
    return [
      { key: counterKey('device', person, id), allowance: device, atSuccess: 'reset' },
      { key: accountKey(person), allowance: accountFromKnownDevice, atSuccess: 'reset' },
      right
    ]
  }
  const network = networkOf(from)
  return [
    { key: counterKey('address', network), allowance: address, atSuccess: 'release' },
    { key: counterKey('pair', network, person), allowance: pair, atSuccess: 'reset' },
    { key: accountKey(person), allowance: account, atSuccess: 'reset' },
    right
  ]
}

function accountKey(person: string): string {
  return counterKey('account', person)
}

/** Hashed, as in all keys; half of SHA-256 is enough to tell names apart. */
function counterKey(kind: string, ...parts: readonly string[]): string {
  return `${kind}:${hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)}`
}
