import type { Role } from '../identity/roles.ts'
import type { ExportedAddresses } from './exported-addresses.ts'
import type { ExportedFactors } from './exported-factors.ts'

/** An account that can sign in. */
export interface Account {
  /** 22 characters, for good: a name may later belong to another account. */
  readonly id: string
  /** As written when the account was created. */
  readonly name: string
  readonly role: Role
  /** How many second factors it has; undefined: not known. */
  readonly secondFactors?: number
  /** Present if the password was just verified: the account as it was then. */
  readonly verifiedState?: AccountState
  /** The BCP 47 tag of its owner's language; null: it was never noted. undefined: not known here. */
  readonly language?: string | null | undefined
  /** Whether its owner is mailed of sign-ins in other browsers. undefined: not known here. */
  readonly tellsOfSignIns?: boolean | undefined
}

/** Whom an app signs in. Without an id: the account of that name; if there is none, the name alone, without a role. */
export type SignedInAs = Omit<Account, 'id'> & { readonly id?: string | undefined }

/** An account as stored in the database. */
export interface StoredAccount {
  readonly id: string
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
  /** How many second factors it has: then its password alone signs nobody in. */
  readonly secondFactors: number
  /** Its address, as typed, once it was confirmed. */
  readonly email?: string | undefined
  /** When it was confirmed. */
  readonly emailAt?: Date | undefined
  /** The BCP 47 tag of its owner's language, if it is known. */
  readonly language?: string | undefined
  /** false: its owner does not want to know of sign-ins in other browsers. */
  readonly signInNotices?: boolean | undefined
  /** When its owner signed in last; undefined: never, or longer ago than events were kept when this was first noted. */
  readonly signedInAt?: Date | undefined
}

/** An account at one moment. */
export type AccountState = Pick<StoredAccount, 'id' | 'version'>

/** A name that an account had before. */
export interface FormerName {
  readonly name: string
  /** When it was given up. */
  readonly at: Date
  /** Until then nobody else can take it. */
  readonly heldUntil: Date
}

export interface NewAccount {
  /** A new one by default. */
  readonly id?: string | undefined
  readonly name: string
  /** The normalized name, for comparison: see nameKey. */
  readonly key: string
  readonly passwordHash: string
  readonly role?: Role
  /** Defaults to now. */
  readonly createdAt?: Date
  readonly disabledAt?: Date | undefined
  readonly failedAttempts?: number
  /** Of an account that was in another database: when its owner signed in last. */
  readonly signedInAt?: Date | undefined
  /** Of an account that was in another database: what it ended there stays ended here. Otherwise 1. */
  readonly version?: number
  /** Its confirmed address, checked; of another database also its owner's language. */
  readonly email?: string | undefined
  /** When it was confirmed; now by default. */
  readonly emailAt?: Date | undefined
  readonly language?: string | undefined
  /** false: its owner does not want to know of sign-ins in other browsers. */
  readonly signInNotices?: boolean | undefined
  /** Of an account that was in another database. */
  readonly formerNames?: readonly FormerName[] | undefined
  /** Names of groups, checked; those that are missing are made. */
  readonly groups?: readonly string[] | undefined
  /** Of an account that was in another database, with its id. */
  readonly factors?: ExportedFactors | undefined
  /** Of an account that was in another database: that which is still told there, and the ways back to it. */
  readonly formerAddresses?: ExportedAddresses | undefined
}

/** An account with all that another database needs. */
export type ExportedAccount = StoredAccount &
  Pick<NewAccount, 'formerNames' | 'groups' | 'factors' | 'formerAddresses'>
