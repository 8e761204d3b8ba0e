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
  registration
} from './allowances.ts'
import type { Counters, Limit } from './counters.ts'

/** Who tries to prove that a name is theirs. */
export interface Attempt {
  /** As it was typed: whether there is such a person makes no difference. */
  readonly name: string
  readonly address: string
  /** Which of the browsers in which this name signed in before it is; undefined: none of them. */
  readonly device: string | undefined
}

/** What came of a try. Closed: no password would have done. */
export interface CheckOutcome {
  readonly ok: boolean
  readonly reason?: string
}

/** It was not tried at all, or in vain whatever the password. */
export interface Throttled {
  readonly ok: false
  readonly reason: 'throttled'
  /** Infinity: waiting does not help, only another way in does. */
  readonly retryAfterSeconds: number
}

/** What is done if a try is left, and whether it counts once its outcome is known. */
export interface GuardedStep<Outcome> {
  readonly run: () => Promise<Outcome>
  readonly counts: (outcome: Outcome) => boolean
}

interface Counter extends Limit {
  /** Whether it is right again forgets all that was wrong before. */
  readonly resets: boolean
}

export interface ThrottleOptions {
  readonly counters: Counters
  readonly now?: () => number
}

/**
 * How often somebody may try a password. Guessing is slowed down by name, by address and by both together; the
 * browsers in which somebody signed in before have an allowance of their own, so that whoever hammers a name
 * does not lock its owner out. Every method throws StorageError when the counters cannot be reached.
 */
export class Throttle {
  readonly #counters: Counters
  readonly #now: () => number

  constructor({ counters, now = Date.now }: ThrottleOptions) {
    this.#counters = counters
    this.#now = now
  }

  /**
   * Lets the password be checked if a try is left, and counts it if it was wrong. Counted is before it is
   * checked: of a thousand at the same moment none slips through. A browser that is not known is not told that an
   * account is closed by what the counters have forgotten: it would tell that the name is somebody's.
   * @param check is told how many tries in a row may be wrong; rejects when it could not be said whether the
   * password is right, and that counts as no try
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
   * Lets somebody choose a name if one more is left to their network. Whoever may choose is told which names are
   * taken; this slows down who asks for many (ASVS 6.3.8).
   * @param from the address
   * @param step.counts whether the outcome told something about a name
   */
  guardRegistration<Outcome>(from: string, step: GuardedStep<Outcome>): Promise<Outcome | Throttled> {
    const key = counterKey('naming', networkOf(from))
    return this.#attempt([{ key, allowance: registration, resets: false }], step)
  }

  /** What was tried with this name counts no more: an administrator opened another way in. */
  async reset(name: string): Promise<void> {
    await this.#counters.release([], [accountKey(nameKey(name))])
  }

  /** Does nothing but ask the counters for an answer. */
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
      // What went wrong first is what has to be told.
      await this.#counters.release(counters).catch(() => {})
      throw error
    }
  }

  async #reset(counters: readonly Counter[]): Promise<void> {
    const forgotten = counters.filter(({ resets }) => resets).map(({ key }) => key)
    const others = counters.filter(({ resets }) => !resets)
    await this.#counters.release(others, forgotten)
  }

  async #backOff(counters: readonly Counter[], counts: readonly number[]): Promise<void> {
    const now = this.#now()
    const holds = counters.map(async ({ key, allowance }, index) => {
      const wait = backOffAfter(counts[index] ?? 0, allowance)
      if (wait === 0) return
      await this.#counters.backOff(key, now + wait)
    })
    await Promise.all(holds)
  }

  #throttled(until: number): Throttled {
    const seconds = Math.max(1, Math.ceil((until - this.#now()) / 1000))
    return { ok: false, reason: 'throttled', retryAfterSeconds: seconds }
  }
}

function countersOf({ name, address: from, device: id }: Attempt): readonly Counter[] {
  const person = nameKey(name)
  if (id !== undefined) {
    return [
      { key: counterKey('device', person, id), allowance: device, resets: true },
      { key: accountKey(person), allowance: accountFromKnownDevice, resets: true }
    ]
  }
  const network = networkOf(from)
  return [
    { key: counterKey('address', network), allowance: address, resets: false },
    { key: counterKey('pair', network, person), allowance: pair, resets: true },
    { key: accountKey(person), allowance: account, resets: true }
  ]
}

function accountKey(person: string): string {
  return counterKey('account', person)
}

/** Hashed, as everything is in keys; half of SHA-256 is enough to tell names apart. */
function counterKey(kind: string, ...parts: readonly string[]): string {
  return `${kind}:${hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)}`
}
