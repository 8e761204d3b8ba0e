import { randomBytes } from 'node:crypto'
import argon2 from 'argon2'
import type { Flow } from '../primitives/fair-queue.ts'
import { Bulkhead } from './bulkhead.ts'
import { type HashCost, missingCosts } from './hash-cost.ts'
import { type Keyed, Peppers } from './peppers.ts'

/** About three seconds of hashing, at 25 ms a hash on two cores. */
const waiting = { verify: 256, hash: 64 }
const maxWaitMilliseconds = 5000
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
  readonly #cost: HashCost
  readonly #options: ReturnType<typeof argonOptions>
  readonly #decoy: string
  /** How hashes at the current cost begin. */
  readonly #prefix: string
  readonly #bulkhead: Bulkhead
  readonly #peppers: Peppers

  constructor(cost: HashCost, { maxConcurrent = 1, peppers = [] }: PasswordsOptions = {}) {
    this.#peppers = new Peppers(peppers)
    this.#bulkhead = new Bulkhead({ concurrent: maxConcurrent, waiting, maxWaitMilliseconds })
    this.#cost = cost
    this.#options = argonOptions(cost)
    this.#decoy = decoyHash(cost)
    this.#prefix = hashPrefix(cost)
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
   * false, and so does a hash of a lower cost: the time does not tell which names exist (ASVS 6.3.8).
   */
  async verify(hash: string | undefined, password: string, options: VerifyOptions = {}): Promise<boolean> {
    const { flow = nobodyElse, isAllowed = always } = options
    const pepper = hash === undefined ? undefined : this.#peppers.of(hash)
    const tried = pepper && hash ? hash : this.#decoy
    const work = () => bothSettled(this.#check(tried, password.normalize('NFC'), pepper), isAllowed())
    const [matches, isAllowedNow] = await this.#bulkhead.run({ kind: 'verify', flow, work })
    return matches && isAllowedNow && tried === hash
  }

  async #check(hash: string, password: string, pepper: Keyed | undefined): Promise<boolean> {
    const matches = await argon2.verify(hash, password, pepper)
    for (const missing of missingCosts(hash, this.#cost)) await argon2.hash(password, argonOptions(missing))
    return matches
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

/** A hash of the same cost with no known password. */
function decoyHash(cost: HashCost): string {
  const unpadded = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')
  return `${hashPrefix(cost)}${unpadded(16)}$${unpadded(32)}`
}

/** In argon2's order of parameters; with a pepper, `keyid` comes before the last `$`. */
function hashPrefix({ memoryKiB, passes, lanes }: HashCost): string {
  return `$argon2id$v=19$m=${memoryKiB},p=${lanes},t=${passes}$`
}
