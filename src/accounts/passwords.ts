import { randomBytes } from 'node:crypto'
import argon2 from 'argon2'
import type { HashCost } from '../config.ts'
import { HashGate } from './hash-gate.ts'

/** At 25 ms a hash on two cores this is three seconds' worth. */
const mostWaiting = 256
const longestWaitMilliseconds = 5000

/**
 * Hashes and verifies passwords with argon2id, whole and NFC-normalised, never cut (ASVS 6.2.8, 11.4.2). Both
 * throw BusyError when more is asked for than can be done in good time (ASVS 15.2.2).
 */
export class Passwords {
  readonly #options: { type: 2; memoryCost: number; timeCost: number; parallelism: number }
  readonly #decoy: string
  readonly #gate: HashGate

  /** @param hashesAtOnce each takes a core and the memory that the cost says, for as long as it runs */
  constructor(cost: HashCost, hashesAtOnce = 1) {
    this.#gate = new HashGate({ atOnce: hashesAtOnce, waiting: mostWaiting, longestWaitMilliseconds })
    this.#options = {
      type: argon2.argon2id,
      memoryCost: cost.memoryKiB,
      timeCost: cost.passes,
      parallelism: cost.lanes
    }
    this.#decoy = decoyHash(cost)
  }

  /** Who is being served and who waits, just now. */
  get queue(): { readonly running: number; readonly waiting: number } {
    return this.#gate
  }

  /** @returns the hash as a PHC string, with its own random salt */
  hash(password: string): Promise<string> {
    return this.#gate.pass(() => argon2.hash(password.normalize('NFC'), this.#options))
  }

  /** Whether a hash was made at another cost than today's. */
  isOutdated(hash: string): boolean {
    return argon2.needsRehash(hash, this.#options)
  }

  /**
   * Says whether the password is the one behind `hash`. Without a hash, because the name is nobody's, it
   * works just as long and says no: the time tells nothing about who exists (ASVS 6.3.8).
   */
  async verify(hash: string | undefined, password: string): Promise<boolean> {
    const matches = await this.#gate.pass(() => {
      return argon2.verify(hash ?? this.#decoy, password.normalize('NFC'))
    })
    return matches && hash !== undefined
  }
}

/** A hash of the same cost that no password is known for. */
function decoyHash({ memoryKiB, passes, lanes }: HashCost): string {
  const unpadded = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${unpadded(16)}$${unpadded(32)}`
}
