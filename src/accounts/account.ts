import type { Role } from '../identity/roles.ts'

/** A person who can sign in. */
export interface Account {
  /** As written when the account was made. */
  readonly name: string
  readonly role: Role
  /** Given where the password was proved just now: the account as it was then. */
  readonly verifiedState?: AccountState
}

/** An account as the database keeps it. */
export interface StoredAccount {
  readonly name: string
  /** A PHC string. */
  readonly passwordHash: string
  readonly createdAt: Date
  readonly role: Role
  /** Since when nobody can sign in with it. */
  readonly disabledAt: Date | undefined
  /** Grows with every change after which no earlier sign-in counts. */
  readonly version: number
  /** How many passwords in a row were not the right one. */
  readonly failedAttempts: number
}

/** Which account, as it was at one moment: a name may be made anew for somebody else. */
export type AccountState = Pick<StoredAccount, 'createdAt' | 'version'> & { readonly key: string }

export interface NewAccount {
  readonly name: string
  /** What the name is compared by: see nameKey. */
  readonly key: string
  readonly passwordHash: string
  readonly role?: Role
  /** Now, where it is not said. */
  readonly createdAt?: Date
  readonly disabledAt?: Date | undefined
  readonly failedAttempts?: number
}
