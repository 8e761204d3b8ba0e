import { randomBytes } from 'node:crypto'
import argon2 from 'argon2'
import type { Flow } from '../primitives/fair-queue.ts'
import { Bulkhead } from './bulkhead.ts'
import { type HashCost, workIn, workOf } from './hash-cost.ts'
import { type Keyed, Peppers } from './peppers.ts'

/** About three seconds of hashing, at 25 ms a hash on two cores. */
const waiting = { verify: 256, hash: 64 }
const defaultMaxWaitMilliseconds = 5000
/** Who waits for their own process, such as the command. */
const nobodyElse: Flow = { network: '', account: '' }

/** Settings of stored passwords. */
export interface PasswordSettings {
  readonly passwordHash: HashCost
  /** Peppers: the first is used for new hashes, all verify. Empty: hashes have none. */
  readonly passwordPeppers: readonly string[]
  /** How many passwords are hashed at the same time. */
  readonly maxConcurrentHashes: number
}

export interface PasswordsOptions {
  /** Each uses a core, and the memory of its cost, while it runs. */
  readonly maxConcurrent?: number
  /** Peppers, without which no hash can be verified: the first is used for new hashes, all verify. */
  readonly peppers?: readonly string[]
  /** Whoever has waited longer is refused. */
  readonly maxWaitMilliseconds?: number
}

export interface VerifyOptions {
  /** Who asks: see FairQueue. */
  readonly flow?: Flow
  /**
   * Starts when hashing has started, so that its time is hidden; if it resolves to false, so does the check.
   */
  readonly isAllowed?: () => Promise<boolean>
}

/**
 * Hashes and verifies passwords with argon2id: whole, NFC-normalized, never truncated (ASVS 6.2.8, 11.4.2).
 * Both methods throw BusyError when there are too many at once (ASVS 15.2.2).
 */
export class Passwords {
  readonly #options: ReturnType<typeof argonOptions>
  readonly #work: string
  /** A hash that nobody has, for each cost that a hash may have: each check does the work of all of them. */
  readonly #decoys = new Map<string, string>()
  readonly #bulkhead: Bulkhead
  readonly #peppers: Peppers

  constructor(cost: HashCost, options: PasswordsOptions = {}) {
    const { maxConcurrent = 1, peppers = [], maxWaitMilliseconds = defaultMaxWaitMilliseconds } = options
    this.#peppers = new Peppers(peppers)
    this.#bulkhead = new Bulkhead({ concurrent: maxConcurrent, waiting, maxWaitMilliseconds })
    this.#options = argonOptions(cost)
    this.#work = workOf(cost)
    this.#learn(this.#work)
  }

  /** How many run and how many wait, now. */
  get queue(): { readonly running: number; readonly waiting: number } {
    return this.#bulkhead
  }

  /** @returns the hash as a PHC string, with a random salt */
  async hash(password: string, flow = nobodyElse): Promise<string> {
    const options = { ...this.#options, ...this.#peppers.current }
    const work = () => argon2.hash(password.normalize('NFC'), options)
    return this.#peppers.mark(await this.#bulkhead.run({ kind: 'hash', flow, work }))
  }

  /** Whether the hash was made with another cost, kind of argon2 or pepper than the current ones. */
  isOutdated(hash: string): boolean {
    return workIn(hash) !== this.#work || this.#peppers.isOutdated(hash)
  }

  /** Whether the pepper of the hash is no longer known: then no password is accepted. */
  lacksPepper(hash: string): boolean {
    return this.#peppers.of(hash) === undefined
  }

  /**
   * From now on each check does the work of these hashes too, because somebody has them.
   * @returns their costs, without that of new hashes
   */
  learnCostsOf(hashes: readonly string[]): readonly string[] {
    for (const hash of hashes) this.#learn(workIn(hash))
    return [...this.#decoys.keys()].filter((work) => work !== this.#work)
  }

  /**
   * Whether the password matches `hash`. With it or without one, for an unknown name, the work is the same: one
   * hash of each known cost. So the time does not tell which names exist (ASVS 6.3.8).
   */
  async verify(hash: string | undefined, password: string, options: VerifyOptions = {}): Promise<boolean> {
    const { flow = nobodyElse, isAllowed = always } = options
    const pepper = hash === undefined ? undefined : this.#peppers.of(hash)
    const own = pepper && hash
    const work = () => bothSettled(this.#check(own, password.normalize('NFC'), pepper), isAllowed())
    const [matches, isAllowedNow] = await this.#bulkhead.run({ kind: 'verify', flow, work })
    return matches && isAllowedNow
  }

  async #check(hash: string | undefined, password: string, pepper: Keyed | undefined): Promise<boolean> {
    const own = hash === undefined ? undefined : workIn(hash)
    this.#learn(own)
    let isRight = false
    for (const [work, decoy] of [...this.#decoys]) {
      const tried = work === own && hash ? hash : decoy
      const matches = await argon2.verify(tried, password, pepper)
      if (tried === hash) isRight = matches
    }
    return isRight
  }

  #learn(work: string | undefined): void {
    if (work !== undefined && !this.#decoys.has(work)) this.#decoys.set(work, decoyHash(work))
  }
}

function argonOptions({ memoryKiB, passes, lanes }: HashCost) {
  return { type: argon2.argon2id, memoryCost: memoryKiB, timeCost: passes, parallelism: lanes } as const
}

/** Waits for both, even if one fails: a task that still runs must keep its slot in the bulkhead. */
async function bothSettled<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other])
  return Promise.all([one, other])
}

async function always(): Promise<boolean> {
  return true
}

/** Uses the settings. */
export function passwordsFor(settings: PasswordSettings): Passwords {
  const { passwordHash, passwordPeppers: peppers, maxConcurrentHashes } = settings
  return new Passwords(passwordHash, { peppers, maxConcurrent: maxConcurrentHashes })
}

/** A hash of this much work with no known password. */
function decoyHash(work: string): string {
  const unpadded = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')
  return `${work}$${unpadded(16)}$${unpadded(32)}`
}
