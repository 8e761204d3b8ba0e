import type { AccountProofs } from '../identity/account-proofs.ts'
import { type OwnerFields, ownerKeyOf } from '../identity/owner-key.ts'
import type { Role } from '../identity/roles.ts'

/**
 * Who a session belongs to, and since when. Only Latchkey writes them: they are never taken from the session object
 * of an application, nor merged, so that a copy of another session brings none of them along.
 */
export interface ReservedFields {
  /** The id of the user's account. Missing if an app signed the user in by a name alone. */
  account?: string
  /** The role of the account; missing without one. Not called `role`, which an application may use itself. */
  accountRole?: Role
  /** When the session started (for a signed-in session, the sign-in): milliseconds since 1970. It never moves. */
  startedAt?: number
  /** When which factor was last proved: milliseconds since 1970. What is missing was not proved. */
  accountProofs?: AccountProofs
  /**
   * The hash of the secret half of the id; missing for ids of another form. Several after several regenerates at once,
   * until one of them is used.
   */
  secret?: string | readonly string[]
  /** The secret before a regenerate, until the new one is used. */
  formerSecret?: string
  /**
   * The key under which the session is now; empty: it has ended, because its browser signed in to another one. Such a
   * record is no session.
   */
  movedTo?: string
  /**
   * The version of the account when the request that signed in began; missing: 0. When the account's is higher, the
   * session is over. Without an account: the number of the name's last ending.
   */
  epoch?: number
  /** Of the ledger of endings; missing: the first. Sessions of an earlier one are over. */
  era?: number
  /** Counts the regenerates and the changes of the user; missing: 0. A request changes nothing of a later one. */
  gen?: number
}

/** Latchkey's own fields of a session. All other keys are the application's. */
export interface LatchkeyFields extends ReservedFields {
  /**
   * The cookie's attributes as express-session writes them; an originalMaxAge (milliseconds) of null means
   * until the browser closes.
   */
  cookie: { originalMaxAge: number | null }
  /** The name of the signed-in user. */
  user?: string
  /** Whether it has the lifetimes of "stay signed in". */
  remember?: boolean
  /** The IP address of the sign-in. */
  address?: string
  /** Names of the browser that signed in, and its system. */
  device?: readonly [browser: string, system: string | null]
  /** The User-Agent if the names are unknown, cut to 256 characters. */
  userAgent?: string
}

/** A session as stored: JSON that express-session and connect-redis read too. */
export interface SessionRecord extends LatchkeyFields {
  [key: string]: unknown
}

/** The name of the signed-in user; undefined if nobody is: see ownerKeyOf. */
export function nameOf(record: OwnerFields): string | undefined {
  return ownerKeyOf(record) === undefined ? undefined : String(record.user)
}

/** Who is signed in. */
export interface SignedInUser {
  /**
   * Never another person's, also after the name was given to another account: the id of the account, 22 characters of
   * base64url. `name:<name>` if an app signed somebody in by a name alone.
   */
  readonly id: string
  readonly name: string
  /** `user` without an account. */
  readonly role: Role
  /** The confirmed address, where `requireUser({ email: true })` has asked for it and there is one. */
  readonly email?: string
}

/** The session of an account under the present name of it. @param label undefined: the name is not known to be another */
export function withLabel<R extends Readonly<SessionRecord>>(record: R, label: string | undefined): R {
  if (label === undefined || record.user === label || accountOf(record) === undefined) return record
  return { ...record, user: label }
}

/** Who is signed in; undefined if nobody is. */
export function userOf(record: OwnerFields & { readonly accountRole?: Role }): SignedInUser | undefined {
  const id = ownerKeyOf(record)
  if (id === undefined) return undefined
  const role = record.account === undefined ? undefined : record.accountRole
  return { id, name: String(record.user), role: role ?? 'user' }
}

/** The id of the signed-in user's account; undefined if nobody is signed in, or by a name alone. */
export function accountOf(record: OwnerFields): string | undefined {
  return ownerKeyOf(record) === record.account ? (record.account as string | undefined) : undefined
}

/** The compiler requires every field in this list. `shown`: the session object of an application has it too. */
const reservedFields: Readonly<Record<keyof ReservedFields, 'shown' | 'hidden'>> = {
  account: 'shown',
  accountRole: 'shown',
  startedAt: 'shown',
  accountProofs: 'shown',
  epoch: 'hidden',
  era: 'hidden',
  gen: 'hidden',
  secret: 'hidden',
  formerSecret: 'hidden',
  movedTo: 'hidden'
}

/** The compiler requires every other field in this list. */
const otherFields: Readonly<Record<Exclude<keyof LatchkeyFields, keyof ReservedFields>, true>> = {
  cookie: true,
  user: true,
  remember: true,
  address: true,
  device: true,
  userAgent: true
}

/** Whether a key of a record belongs to Latchkey and not to the application. */
export function isLatchkeyField(key: string): boolean {
  return Object.hasOwn(otherFields, key) || isReservedField(key)
}

/** Whose it is, by Latchkey's fields or by Passport's, as a text to compare; undefined if nobody is. */
function whoIs(record: OwnerFields & { readonly passport?: unknown }): string | undefined {
  const { user } = Object(record.passport)
  return (
    ownerKeyOf(record) ??
    (user === undefined || user === null ? undefined : `passport:${JSON.stringify(user)}`)
  )
}

/** Whether somebody is signed in: such a session continues under another id when it regenerates. */
export function isOwned(record: OwnerFields & { readonly passport?: unknown }): boolean {
  return whoIs(record) !== undefined
}

/** Whether a session that is not stored yet is of the owner of another one: by a name alone, of whoever has that name. */
export function isSameOwner(known: SessionRecord, unsaved: SessionRecord): boolean {
  const { account, ...named } = known
  return [whoIs(known), whoIs(named)].includes(whoIs(unsaved)) && isOwned(known)
}

/** Whether the id whose secret half has this hash opens the session. */
export function isOpenedBy({ secret, movedTo }: ReservedFields, hash: string | undefined): boolean {
  if (movedTo !== undefined) return false
  return secret === hash || (Array.isArray(secret) && secret.includes(hash))
}

/** Whether only Latchkey writes this key of a record. */
export function isReservedField(key: string): boolean {
  return Object.hasOwn(reservedFields, key)
}

/** Whether the session object of an application does not have this key of a record. */
export function isHiddenField(key: string): boolean {
  return isReservedField(key) && reservedFields[key as keyof ReservedFields] === 'hidden'
}

/** The reserved fields of a record that it has. */
export function reservedOf(record: ReservedFields): ReservedFields {
  return pick(record, isReservedField)
}

/** The fields with which every text begins, so that two texts are compared quickly. */
export function firstFields(record: SessionRecord): SessionRecord {
  return { cookie: record.cookie, ...reservedOf(record) }
}

/** Those of them that the session object of an application has too. */
export function shownOf(record: ReservedFields): ReservedFields {
  return pick(record, (key) => isReservedField(key) && !isHiddenField(key))
}

function pick(record: object, isWanted: (key: string) => boolean): ReservedFields {
  return Object.fromEntries(Object.entries(record).filter(([key]) => isWanted(key)))
}

export type StartedRecord = SessionRecord & { readonly startedAt: number }

/** Whether Latchkey has stored it before; a session of another program has no start time yet. */
export function isStarted(record: SessionRecord): record is StartedRecord {
  return Number.isFinite(record.startedAt)
}
