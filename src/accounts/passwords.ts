import { randomBytes } from 'node:crypto'
import argon2 from 'argon2'
import type { HashCost } from '../config.ts'

/** Hashes and verifies passwords with argon2id, whole and NFC-normalised, never cut (ASVS 6.2.8, 11.4.2). */
export class Passwords {
  readonly #options: { type: 2; memoryCost: number; timeCost: number; parallelism: number }
  readonly #decoy: string

  constructor(cost: HashCost) {
    this.#options = {
      type: argon2.argon2id,
      memoryCost: cost.memoryKiB,
      timeCost: cost.passes,
      parallelism: cost.lanes
    }
    this.#decoy = decoyHash(cost)
  }

  /** @returns the hash as a PHC string, with its own random salt */
  hash(password: string): Promise<string> {
    return argon2.hash(password.normalize('NFC'), this.#options)
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
    const matches = await argon2.verify(hash ?? this.#decoy, password.normalize('NFC'))
    return matches && hash !== undefined
  }
}

/** A hash of the same cost that no password is known for. */
function decoyHash({ memoryKiB, passes, lanes }: HashCost): string {
  const unpadded = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${unpadded(16)}$${unpadded(32)}`
}
