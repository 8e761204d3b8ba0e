import { hash } from 'node:crypto'
import { nameKey } from '../identity/names.ts'
import { networkOf } from '../web/client-network.ts'
import {
  account,
  accountFromKnownDevice,
  address,
  backOffAfter,
  device,
  deviceAddress,
  pair,
  proof,
  proofSuccess,
  registration,
  success,
  unlimited
} from './allowances.ts'
import type { Counters, Limit } from './counters.ts'

/** An attempt to sign in. */
export interface Attempt {
  /** As typed: it makes no difference whether the account exists. */
  readonly name: string
  readonly address: string
  /** The id in the browser's device cookie, if this user signed in from it before. */
  readonly device: string | undefined
  /** The handle of the session, if this user is signed in. */
  readonly session?: string | undefined
}

/** Who tries: strangers do not keep known browsers and signed-in users from trying. */
export type Claimant = 'stranger' | 'known-browser' | 'user'

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
   * @param check gets the limit of wrong passwords in a row, Infinity for who is signed in; if it rejects, the attempt is not counted
   */
  async guard<Outcome extends CheckOutcome>(
    attempt: Attempt,
    check: (max: number) => Promise<Outcome>
  ): Promise<Outcome | Throttled> {
    const claimant = claimantOf(attempt)
    const step = { run: () => check(maxInARow[claimant]), counts: ({ ok }: Outcome) => !ok }
    const outcome = await this.#attempt(countersOf(attempt), step, claimant)
    const isTold = claimant === 'known-browser' && outcome.reason === 'closed'
    return isTold ? this.#throttled(Number.POSITIVE_INFINITY, claimant) : outcome
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

  /** Checks that attempts can be counted: by one that is nobody's, and is taken back. */
  async checkWritable(): Promise<void> {
    await this.#counters.take([probe])
    await this.#counters.release([], [probe.key])
  }

  close(): Promise<void> {
    return this.#counters.close()
  }

  async #attempt<Outcome>(
    counters: readonly Counter[],
    { run, counts }: GuardedStep<Outcome>,
    claimant: Claimant = 'stranger'
  ): Promise<Outcome | Throttled> {
    const taken = await this.#counters.take(counters)
    if (!taken.ok) return this.#throttled(taken.until, claimant)
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

  #throttled(until: number, claimant: Claimant): Throttled {
    const seconds = Math.max(1, Math.ceil((until - this.#now()) / 1000))
    return { ok: false, reason: 'throttled', retryAfterSeconds: seconds, claimant }
  }
}

/** Wrong passwords in a row of an account; a session has its own limit. */
const maxInARow: Readonly<Record<Claimant, number>> = {
  stranger: account.max,
  'known-browser': accountFromKnownDevice.max,
  user: Number.POSITIVE_INFINITY
}

function claimantOf({ device: id, session }: Attempt): Claimant {
  if (session !== undefined) return 'user'
  return id === undefined ? 'stranger' : 'known-browser'
}

function countersOf({ name, address: from, device: id, session }: Attempt): readonly Counter[] {
  const person = nameKey(name)
  if (session !== undefined) {
    return [
      { key: counterKey('proof', person, session), allowance: proof, atSuccess: 'reset' },
      { key: accountKey(person), allowance: unlimited, atSuccess: 'reset' },
      { key: counterKey('proof-success', person, session), allowance: proofSuccess, atSuccess: 'count' }
    ]
  }
  const network = networkOf(from)
  const right: Counter = { key: counterKey('success', person), allowance: success, atSuccess: 'count' }
  if (id !== undefined) {
    return [
      { key: counterKey('device-address', network), allowance: deviceAddress, atSuccess: 'release' },
      { key: counterKey('device', person, id), allowance: device, atSuccess: 'reset' },
      { key: accountKey(person), allowance: accountFromKnownDevice, atSuccess: 'reset' },
      right
    ]
  }
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
/** Takes any number of attempts, and expires after a second if this process ends in between. */
const probe: Limit = {
  key: 'probe',
  allowance: {
    free: Number.POSITIVE_INFINITY,
    max: Number.POSITIVE_INFINITY,
    decaysEvery: Number.POSITIVE_INFINITY,
    expiresAfter: 1000
  }
}

function counterKey(kind: string, ...parts: readonly string[]): string {
  return `${kind}:${hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)}`
}
