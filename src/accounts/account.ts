import type { Role } from '../identity/roles.ts'

/** An account that can sign in. */
export interface Account {
  /** As written when the account was created. */
  readonly name: string
  readonly role: Role
  /** Present if the password was just verified: the account as it was then. */
  readonly verifiedState?: AccountState
}

/** An account as stored in the database. */
export interface StoredAccount {
  readonly name: string
  /** A PHC string. */
  readonly passwordHash: string
  readonly createdAt: Date
  readonly role: Role
  /** Since when sign-in is refused. */
  readonly disabledAt: Date | undefined
  /** Incremented by each change that invalidates earlier sign-ins. */
  readonly version: number
  /** Wrong passwords in a row. */
  readonly failedAttempts: number
}

/** An account at one moment. A name may later belong to another account. */
export type AccountState = Pick<StoredAccount, 'createdAt' | 'version'> & { readonly key: string }

export interface NewAccount {
  readonly name: string
  /** The normalized name, for comparison: see nameKey. */
  readonly key: string
  readonly passwordHash: string
  readonly role?: Role
  /** Defaults to now. */
  readonly createdAt?: Date
  readonly disabledAt?: Date | undefined
  readonly failedAttempts?: number
}
