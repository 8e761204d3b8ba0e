import { processClock } from '../primitives/clock.ts'
import { KeyedMutex } from '../primitives/keyed-mutex.ts'
import { Turns } from '../primitives/turns.ts'
import { backOffAfter } from './allowances.ts'
import {
  type Attempt,
  accountCounter,
  type Claimant,
  type CodeAttempt,
  type Counter,
  claimantOf,
  codeCounters,
  countersOf,
  lineOf,
  type MailAsked,
  mailCounters,
  maxInARow,
  networkFrom,
  type Person,
  probe,
  registrationCounters,
  resetCounters,
  tokenCounters
} from './attempt-counters.ts'
import type { Counters } from './counters.ts'
import { HeldKeys } from './held-keys.ts'

/** Of a burst, so that pages come in between: each takes about half a millisecond before it waits for its hash. */
const attemptsPerTurn = 4

/** The outcome of an attempt. Closed: no password would be accepted. */
export interface CheckOutcome {
  readonly ok: boolean
  readonly reason?: string
}

/** The password was not checked, or no password would be accepted. */
export interface Throttled {
  readonly ok: false
  readonly reason: 'throttled'
  /** Infinity: waiting does not help. */
  readonly retryAfterSeconds: number
  readonly claimant: Claimant
  /** Another attempt was refused for the same reason a moment ago: the store was not asked for this one. */
  readonly isRepeated: boolean
}

/** What runs if an attempt is allowed, and whether its outcome counts as a failed attempt. */
export interface GuardedStep<Outcome> {
  readonly run: () => Promise<Outcome>
  readonly counts: (outcome: Outcome) => boolean
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
  readonly #held: HeldKeys
  readonly #turns = new Turns(attemptsPerTurn)
  readonly #inOrder = new KeyedMutex()

  constructor({ counters, now = processClock }: ThrottleOptions) {
    this.#counters = counters
    this.#now = now
    this.#held = new HeldKeys(now)
  }

  /**
   * Resolves when the next attempt from this address may begin. Wait for it before an attempt asks any store, so that a
   * burst of attempts keeps no page waiting.
   */
  turn(address: string): Promise<void> {
    return this.#turns.next({ network: networkFrom(address), account: '' })
  }

  /**
   * Runs the check if an attempt is left, and counts it if the password was wrong. Attempts are counted
   * before the check, so concurrent ones cannot exceed the limit. Those of one account from one network run one after the
   * other: whoever shares the address would be refused for a crowd of them under way. An unknown browser is not told that an
   * account is closed by its own count alone: that would reveal that the name exists.
   * @param check gets the limit of wrong passwords in a row, Infinity for who is signed in; if it rejects, the
   * attempt is not counted
   */
  async guard<Outcome extends CheckOutcome>(
    attempt: Attempt,
    check: (max: number) => Promise<Outcome>
  ): Promise<Outcome | Throttled> {
    const claimant = claimantOf(attempt)
    const counters = countersOf(attempt)
    const step = { run: () => check(maxInARow[claimant]), counts: ({ ok }: Outcome) => !ok }
    const outcome = await this.#inOrder.run(lineOf(counters), () =>
      this.#attempt(counters, step, { claimant, address: attempt.address })
    )
    const isTold = claimant === 'known-browser' && outcome.reason === 'closed'
    return isTold ? this.#throttled(Number.POSITIVE_INFINITY, claimant) : outcome
  }

  /**
   * The refusal of an attempt that is known to be refused: the store need not be asked, not even whether the device is
   * still known.
   */
  stillHeld(attempt: Attempt): Throttled | undefined {
    return this.#stillHeld(countersOf(attempt), claimantOf(attempt))
  }

  /**
   * Runs a registration if the network has an attempt left. It reveals which names are taken; this slows down whoever asks
   * for many (ASVS 6.3.8). An outcome counts that revealed something about a name.
   * @param to the key of an address that is mailed
   */
  async guardRegistration<Out>(from: string, step: GuardedStep<Out>, to?: string): Promise<Out | Throttled> {
    const counters = registrationCounters(from, to)
    const refused = this.#stillHeld(counters, 'stranger')
    if (refused) return refused
    await this.turn(from)
    return this.#attempt(counters, step, { claimant: 'stranger', address: from })
  }

  /**
   * Verifies a one-time code or a recovery code if an attempt is left (ASVS 6.6.3). Whoever tries elsewhere delays
   * nobody in a session of the account, or in a browser where its owner has signed in.
   */
  guardCode<Outcome extends CheckOutcome>(
    attempt: CodeAttempt,
    run: () => Promise<Outcome>
  ): Promise<Outcome | Throttled> {
    const step = { run, counts: ({ ok }: Outcome) => !ok }
    return this.#attempt(codeCounters(attempt), step, { claimant: 'stranger', address: attempt.address })
  }

  /** Takes a request for a reset link, which counts whatever comes of it, if the network of an address has one left. */
  guardReset(from: string, send: () => Promise<void>) {
    return this.#guardSending(resetCounters(from), send, from)
  }

  /** Sends mail to an address that is not the account's, if it may. */
  guardMail(asked: MailAsked, send: () => Promise<void>) {
    return this.#guardSending(mailCounters(asked), send, asked.address)
  }

  /** Looks a token up if the network has an attempt left. @param from the address */
  guardToken<Outcome>(from: string, step: GuardedStep<Outcome>): Promise<Outcome | Throttled> {
    return this.#attempt(tokenCounters(from), step, { claimant: 'stranger', address: from })
  }

  /** Resets the counter of an account, or of a name without one, for an administrator who opens the account. */
  async reset(person: Person): Promise<void> {
    const counter = accountCounter(person)
    await this.#counters.release([], [counter.key])
    this.#held.release([counter])
  }

  /** Checks that the counters answer. */
  ping(): Promise<void> {
    return this.#counters.ping()
  }

  /** Checks that attempts can be counted: by one that is nobody's, and is taken back. */
  async checkWritable(): Promise<void> {
    await this.#counters.take([probe])
    await this.#counters.release([], [probe.key])
  }

  close(): Promise<void> {
    return this.#counters.close()
  }

  #guardSending(counters: readonly Counter[], send: () => Promise<void>, address = '') {
    const step = { run: () => send().then(() => ({ ok: true }) as const), counts: () => true }
    return this.#attempt(counters, step, { claimant: 'stranger', address })
  }

  async #attempt<Outcome>(
    counters: readonly Counter[],
    { run, counts }: GuardedStep<Outcome>,
    { claimant, address }: { readonly claimant: Claimant; readonly address: string }
  ): Promise<Outcome | Throttled> {
    const refused = this.#stillHeld(counters, claimant)
    if (refused) return refused
    const taken = await this.#counters.take(counters)
    if (!taken.ok) {
      const held = counters.find(({ key }) => key === taken.key)
      if (held) this.#held.hold(held, claimant, taken.until)
      return this.#throttled(taken.until, claimant)
    }
    const outcome = await this.#orRelease(counters, { run, address })
    await (counts(outcome) ? this.#backOff(counters, taken.counts) : this.#reset(counters))
    return outcome
  }

  async #orRelease<Outcome>(
    counters: readonly Counter[],
    { run, address }: { readonly run: () => Promise<Outcome>; readonly address: string }
  ): Promise<Outcome> {
    try {
      return await run()
    } catch (error) {
      // Of those who have waited too long many are refused at once.
      await this.turn(address)
      // The first error is the one to report.
      await this.#counters.release(counters).catch(() => {})
      this.#held.release(counters)
      throw error
    }
  }

  async #reset(counters: readonly Counter[]): Promise<void> {
    const [released, forgotten]: [Counter[], string[]] = [[], []]
    for (const counter of counters) {
      if (counter.atSuccess === 'release') released.push(counter)
      if (counter.atSuccess === 'reset') forgotten.push(counter.key)
    }
    await this.#counters.release(released, forgotten)
    this.#held.release(counters)
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

  /** The store is not asked about what it has just refused. */
  #stillHeld(counters: readonly Counter[], claimant: Claimant): Throttled | undefined {
    const until = this.#held.until(counters, claimant)
    return until === undefined ? undefined : { ...this.#throttled(until, claimant), isRepeated: true }
  }

  #throttled(until: number, claimant: Claimant): Throttled {
    const seconds = Math.max(1, Math.ceil((until - this.#now()) / 1000))
    return { ok: false, reason: 'throttled', retryAfterSeconds: seconds, claimant, isRepeated: false }
  }
}
