import { randomBytes } from 'node:crypto'
import argon2 from 'argon2'
import { Bulkhead } from './bulkhead.ts'
import type { HashCost } from './hash-cost.ts'
import { Peppers } from './peppers.ts'

/** About three seconds of hashing, at 25 ms a hash on two cores. */
const maxWaiting = 256
/** With open registration anybody can register as often as they like; the other places are for sign-ins. */
const maxWaitingToRegister = 64
const maxWaitMilliseconds = 5000

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
}

/**
 * Hashes and verifies passwords with argon2id: whole, NFC-normalized, never truncated (ASVS 6.2.8, 11.4.2).
 * Both methods throw BusyError when there are too many at once (ASVS 15.2.2).
 */
export class Passwords {
  readonly #options: { type: 2; memoryCost: number; timeCost: number; parallelism: number }
  readonly #decoy: string
  /** How hashes at the current cost begin. */
  readonly #prefix: string
  readonly #bulkhead: Bulkhead
  readonly #peppers: Peppers

  constructor(cost: HashCost, { maxConcurrent = 1, peppers = [] }: PasswordsOptions = {}) {
    this.#peppers = new Peppers(peppers)
    this.#bulkhead = new Bulkhead({ concurrent: maxConcurrent, waiting: maxWaiting, maxWaitMilliseconds })
    this.#options = {
      type: argon2.argon2id,
      memoryCost: cost.memoryKiB,
      timeCost: cost.passes,
      parallelism: cost.lanes
    }
    this.#decoy = decoyHash(cost)
    this.#prefix = hashPrefix(cost)
  }

  /** How many run and how many wait, now. */
  get queue(): { readonly running: number; readonly waiting: number } {
    return this.#bulkhead
  }

  /** @returns the hash as a PHC string, with a random salt */
  async hash(password: string): Promise<string> {
    const options = { ...this.#options, ...this.#peppers.current }
    const work = () => argon2.hash(password.normalize('NFC'), options)
    const hash = await this.#bulkhead.run(work, maxWaitingToRegister)
    return this.#peppers.mark(hash)
  }

  /** Whether the hash was made with another cost or pepper than the current ones. */
  isOutdated(hash: string): boolean {
    const isCurrent = hash.startsWith(this.#prefix) || !argon2.needsRehash(hash, this.#options)
    return !isCurrent || this.#peppers.isOutdated(hash)
  }

  /** Whether the pepper of the hash is no longer known: then no password is accepted. */
  lacksPepper(hash: string): boolean {
    return this.#peppers.of(hash) === undefined
  }

  /**
   * Whether the password matches `hash`. Without a hash, for an unknown name, it takes as long and returns
   * false, so that the time does not tell which names exist (ASVS 6.3.8).
   * @param isAllowed starts when hashing has started, so that its time is hidden; if it resolves to false, so
   * does this
   */
  async verify(hash: string | undefined, password: string, isAllowed = always): Promise<boolean> {
    const pepper = hash === undefined ? undefined : this.#peppers.of(hash)
    const tried = pepper && hash ? hash : this.#decoy
    const [matches, isAllowedNow] = await this.#bulkhead.run(() =>
      bothSettled(argon2.verify(tried, password.normalize('NFC'), pepper), isAllowed())
    )
    return matches && isAllowedNow && tried === hash
  }
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

/** A hash of the same cost with no known password. */
function decoyHash(cost: HashCost): string {
  const unpadded = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')
  return `${hashPrefix(cost)}${unpadded(16)}$${unpadded(32)}`
}

/** In argon2's order of parameters; with a pepper, `keyid` comes before the last `$`. */
function hashPrefix({ memoryKiB, passes, lanes }: HashCost): string {
  return `$argon2id$v=19$m=${memoryKiB},p=${lanes},t=${passes}$`
}
