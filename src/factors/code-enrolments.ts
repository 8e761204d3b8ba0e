import type { KeyRing, Place } from '../encryption/key-ring.ts'
import { type QrCode, qrCode } from './qr-code.ts'

/** One-time codes that somebody may set up. */
export interface CodeEnrolment {
  /** The key for people to type, in groups of four. */
  readonly key: string
  /** The same for an app: `otpauth://totp/…`. */
  readonly uri: string
  readonly qr: QrCode
  /** The seed, sealed: comes back with the first code. */
  readonly sealed: string
}

interface Owner {
  readonly id: string
  readonly name: string
}

/**
 * Begins to set one-time codes up. Nothing is stored until a code was right: the seed waits in the page, sealed for the
 * account, so that nobody chooses a seed for themselves or for anybody else.
 */
export class CodeEnrolments {
  readonly #keys: KeyRing
  readonly #siteName: string

  constructor(keys: KeyRing, siteName: string) {
    this.#keys = keys
    this.#siteName = siteName
  }

  /** Whether there can be any: it takes a key. */
  get isPossible(): boolean {
    return this.#keys.currentId !== undefined
  }

  /** @param sealed to show again, if it is of this account. @throws {Error} where it is not possible */
  async begin(owner: Owner, sealed?: string): Promise<CodeEnrolment> {
    const { newSeed, enrolmentUri } = await import('./one-time-codes.ts')
    const known = sealed === undefined ? undefined : this.open(sealed, owner.id)
    const seed = known ?? newSeed()
    const uri = enrolmentUri(seed, { issuer: this.#siteName, name: owner.name })
    const key = seed.match(/.{1,4}/g)?.join(' ') ?? seed
    const resealed = known === undefined ? undefined : sealed
    return { key, uri, qr: await qrCode(uri), sealed: resealed ?? this.#keys.seal(seed, placeOf(owner.id)) }
  }

  /** @returns the seed; undefined if it is of another account, or not of ours */
  open(sealed: string, accountId: string): string | undefined {
    return this.#keys.open(sealed, placeOf(accountId))
  }
}

/** Never opens what is in the table, and the other way round. */
function placeOf(account: string): Place {
  return { table: 'totp', column: 'enrolment', account }
}
