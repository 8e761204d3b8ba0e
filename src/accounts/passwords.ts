import { randomBytes } from 'node:crypto'
import argon2 from 'argon2'
import { Bulkhead } from './bulkhead.ts'
import type { HashCost } from './hash-cost.ts'
import { Peppers } from './peppers.ts'

/** At 25 ms a hash on two cores this is three seconds' worth. */
const maxWaiting = 256
/** Anybody may register as often as they like where registration is open; the other places are for who signs in. */
const maxWaitingToRegister = 64
const maxWaitMilliseconds = 5000

/** What the settings say of passwords at rest. */
export interface PasswordSettings {
  readonly passwordHash: HashCost
  /** Secrets in the hashes: the first is in new ones, all verify. Empty: hashes have none. */
  readonly passwordPeppers: readonly string[]
  /** How many passwords are hashed at the same time. */
  readonly maxConcurrentHashes: number
}

export interface PasswordsOptions {
  /** Each takes a core and the memory that the cost says, for as long as it runs. */
  readonly maxConcurrent?: number
  /** Secrets without which no hash can be tried: the first is in new ones, all verify. */
  readonly peppers?: readonly string[]
}

/**
 * Hashes and verifies passwords with argon2id, whole and NFC-normalised, never cut (ASVS 6.2.8, 11.4.2). Both
 * throw BusyError when more is asked for than can be done in good time (ASVS 15.2.2).
 */
export class Passwords {
  readonly #options: { type: 2; memoryCost: number; timeCost: number; parallelism: number }
  readonly #decoy: string
  /** How hashes of today's cost begin. */
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

  /** Who is being served and who waits, just now. */
  get queue(): { readonly running: number; readonly waiting: number } {
    return this.#bulkhead
  }

  /** @returns the hash as a PHC string, with its own random salt */
  async hash(password: string): Promise<string> {
    const options = { ...this.#options, ...this.#peppers.current }
    const work = () => argon2.hash(password.normalize('NFC'), options)
    const hash = await this.#bulkhead.run(work, maxWaitingToRegister)
    return this.#peppers.mark(hash)
  }

  /** Whether a hash was made at another cost than today's, or with another pepper. */
  isOutdated(hash: string): boolean {
    const isCurrent = hash.startsWith(this.#prefix) || !argon2.needsRehash(hash, this.#options)
    return !isCurrent || this.#peppers.isOutdated(hash)
  }

  /** Whether a hash was made with a pepper that is here no more: no password is the right one then. */
  lacksPepper(hash: string): boolean {
    return this.#peppers.of(hash) === undefined
  }

  /**
   * Says whether the password is the one behind `hash`. Without a hash, because the name is nobody's, it
   * works just as long and says no: the time tells nothing about who exists (ASVS 6.3.8).
   * @param isAllowed begins when the hashing has begun, so that its time is not seen; where it says no, so does this
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

/** Waits for both, also where one fails: what is still at work has not left the gate. */
async function bothSettled<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other])
  return Promise.all([one, other])
}

async function always(): Promise<boolean> {
  return true
}

/** As the settings say. */
export function passwordsFor(settings: PasswordSettings): Passwords {
  const { passwordHash, passwordPeppers: peppers, maxConcurrentHashes } = settings
  return new Passwords(passwordHash, { peppers, maxConcurrent: maxConcurrentHashes })
}

/** A hash of the same cost that no password is known for. */
function decoyHash(cost: HashCost): string {
  const unpadded = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')
  return `${hashPrefix(cost)}${unpadded(16)}$${unpadded(32)}`
}

/** In the order in which argon2 writes it; with a pepper, `keyid` stands before the last `$`. */
function hashPrefix({ memoryKiB, passes, lanes }: HashCost): string {
  return `$argon2id$v=19$m=${memoryKiB},p=${lanes},t=${passes}$`
}
