/** The most wrong codes in a row of one factor: NIST SP 800-63B-4 §3.2.2. Then this factor alone is closed. */
export const maxWrongCodes = 100

/** Second factors of an account. Times are when it was added and last used. */
export interface FactorsOf {
  /** Codes from an authenticator app (TOTP). */
  readonly codes: CodesFactor | undefined
  /** The oldest first. */
  readonly passkeys: readonly Passkey[]
  readonly recoveryCodes: {
    /** How many can still be used. */
    readonly left: number
    readonly createdAt: Date | undefined
    /** After too many wrong ones not even a right one counts, until new ones are made. */
    readonly isClosed: boolean
  }
}

export interface CodesFactor {
  readonly createdAt: Date
  readonly usedAt: Date | undefined
  /** After too many wrong ones not even a right one counts, until it is set up anew. */
  readonly isClosed: boolean
}

/** A WebAuthn credential. */
export interface Passkey {
  /** The credential id, base64url. */
  readonly id: string
  readonly accountId: string
  /** COSE, base64url. */
  readonly publicKey: string
  /** COSE's number of the algorithm. */
  readonly algorithm: number
  readonly counter: number
  readonly transports: readonly string[]
  /** The model of the authenticator, as a UUID. */
  readonly aaguid: string
  /** Whether it can be on several devices, and whether it is. */
  readonly isBackupEligible: boolean
  readonly isBackedUp: boolean
  /** The domain that it was made for. */
  readonly rpId: string
  /** What its owner calls it. */
  readonly name: string
  readonly createdAt: Date
  readonly usedAt: Date | undefined
}

/** A second factor that an account has, or had (NIST SP 800-63B-4 §4.1). */
export interface RecordedFactor {
  readonly kind: 'codes' | 'passkey'
  /** Of a passkey: what its owner calls it. */
  readonly name: string | undefined
  readonly createdAt: Date
  readonly usedAt: Date | undefined
  readonly removedAt: Date | undefined
}

export type NewPasskey = Omit<Passkey, 'accountId' | 'createdAt' | 'usedAt'>

/** What an assertion says of a passkey, besides that it is right. */
export interface PasskeyUse {
  readonly counter: number
  readonly isBackedUp: boolean
}

/**
 * `used`: it was right and has counted before, or one of a later time has. `closed`: after 100 wrong ones in a row not
 * even a right one counts. `none`: the account has no codes. `unreadable`: the key of the seed is lost.
 */
export type CodeResult = 'right' | 'wrong' | 'used' | 'closed' | 'none' | 'unreadable'

export type RecoveryCodeResult =
  | {
      readonly result: 'right'
      /** Takes the place of the used one; to be shown at once and never again. */
      readonly replacement: string
    }
  | { readonly result: 'wrong' | 'closed' }
