import type { AccountProofs } from '../identity/account-proofs.ts'
import { cookiePlaces, packCookie, unpackCookie } from './packed-cookie.ts'
import { isReservedField, type ReservedFields, type SessionRecord } from './session-record.ts'

/**
 * The text of a session in a store. A record with a secret, whose key no other program knows, is written tersely,
 * because Redis keeps it in memory: see docs/performance.md. Any other is JSON for express-session and connect-redis.
 */
export function textOf(record: SessionRecord): string {
  return JSON.stringify(terseOf(record, { cookie: record.cookie, content: record }) ?? record)
}

/**
 * The record in a text of either form, and in any JSON of another program: what is no object has no fields.
 * @throws {SyntaxError} if it is not JSON
 */
export function recordIn(text: string): SessionRecord {
  const value: unknown = JSON.parse(text)
  return isTerse(value) ? recordOf(value) : Object(value)
}

/**
 * The terse form. JSON.stringify makes a text of it that Redis reads too: see claim-script.ts. Fields that are missing
 * or as usual are empty or 0; what has no place of its own is in `others`.
 */
type Terse = readonly [
  /** Secret and account. */
  ids: string,
  user: string,
  startedAt: number,
  /** The place of the cookie, and `remembered`. */
  kind: number,
  epoch: number,
  /** How long before the start the password was proved, in milliseconds; null: not proved. */
  provedBefore: number | null,
  address: string,
  browser: string,
  system: string,
  others?: Readonly<Record<string, unknown>>
]

interface Parts {
  readonly cookie: SessionRecord['cookie']
  /** Reserved fields and a cookie in it are ignored. */
  readonly content: Readonly<Record<string, unknown>>
}

/** @returns undefined if the record has no terse form */
export function terseOf(reserved: ReservedFields, { cookie, content }: Parts): Terse | undefined {
  const { secret, account = '', startedAt, epoch = 0, accountProofs, movedTo } = reserved
  if (!isId(secret) || !(account === '' || isId(account)) || !isTime(startedAt)) return undefined
  // What leads to another key is found under ids of any form.
  if (movedTo !== undefined) return undefined
  const packed = packCookie(Object(cookie), startedAt)
  const provedBefore = provedBeforeOf(accountProofs, startedAt)
  const others: Record<string, unknown> = {}
  if (packed.rest !== undefined) others.cookie = packed.rest
  if (provedBefore === null && accountProofs) others.accountProofs = accountProofs
  if (reserved.accountRole !== usualRole(account)) others.accountRole = reserved.accountRole ?? null
  for (const name of otherReserved) if (reserved[name] !== undefined) others[name] = reserved[name]
  for (const name of Object.keys(content)) addContent(others, name, content[name])
  const { user, address, device, remember } = content
  const [browser, system] = isNames(device) ? device : ['', '']
  const kind = packed.place + (remember === true ? remembered : 0)
  const times = [startedAt, kind, epoch, provedBefore] as const
  const names = [stringOf(address), browser, system ?? ''] as const
  const terse = [secret + account, stringOf(user), ...times, ...names] as const
  return hasFields(others) ? [...terse, others] : terse
}

function recordOf(terse: Terse): SessionRecord {
  const [ids, user, startedAt, kind, epoch, provedBefore, address, browser, system, others] = terse
  const account = ids.slice(idLength)
  const accountRole = usualRole(account)
  const { cookie: _, ...rest } = others ?? {}
  const record: SessionRecord = {
    cookie: unpackCookie({ place: kind % remembered, rest: others?.cookie }, startedAt),
    ...(account !== '' && { account }),
    ...(accountRole && { accountRole }),
    startedAt,
    ...(provedBefore !== null && { accountProofs: { password: startedAt - provedBefore } }),
    ...(epoch !== 0 && { epoch }),
    secret: ids.slice(0, idLength),
    ...(user !== '' && { user }),
    ...(address !== '' && { address }),
    ...(browser !== '' && { device: [browser, system === '' ? null : system] }),
    ...(kind >= remembered && { remember: true }),
    ...rest
  }
  if (record.accountRole === null) delete record.accountRole
  return record
}

/** Of the hash of a secret, and of the id of an account. */
const idLength = 22

/** Added to the place of the cookie for "stay signed in". */
const remembered = cookiePlaces

/** The compiler requires every reserved field without a place of its own in this list. */
type Placed = 'account' | 'accountRole' | 'startedAt' | 'accountProofs' | 'epoch' | 'secret' | 'movedTo'
const otherFields: Readonly<Record<Exclude<keyof ReservedFields, Placed>, true>> = {
  era: true,
  gen: true,
  formerSecret: true
}
const otherReserved = Object.keys(otherFields) as (keyof typeof otherFields)[]

function isTerse(value: unknown): value is Terse {
  return (
    Array.isArray(value) &&
    typeof value[0] === 'string' &&
    value[0].length % idLength === 0 &&
    value.length >= 9
  )
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length === idLength
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function provedBeforeOf(proofs: AccountProofs | undefined, startedAt: number): number | null {
  const isAlone = proofs !== undefined && Object.keys(proofs).length === 1
  return isAlone && isTime(proofs.password) ? startedAt - proofs.password : null
}

function usualRole(account: string): 'user' | undefined {
  return account === '' ? undefined : 'user'
}

function addContent(others: Record<string, unknown>, name: string, value: unknown): void {
  if (name === 'cookie' || isReservedField(name) || isPlaced(name, value)) return
  // JSON has neither.
  if (value === undefined || typeof value === 'function') return
  if (name !== '__proto__') others[name] = value
  else Object.defineProperty(others, name, { value, enumerable: true, configurable: true, writable: true })
}

/** Whether a field of the content has a place of its own in the terse form, with this value. */
function isPlaced(name: string, value: unknown): boolean {
  if (name === 'user' || name === 'address') return stringOf(value) !== ''
  if (name === 'device') return isNames(value)
  return name === 'remember' && value === true
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isNames(value: unknown): value is readonly [string, string | null] {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [browser, system] = value
  return stringOf(browser) !== '' && (system === null || stringOf(system) !== '')
}

function hasFields(object: object): boolean {
  for (const _ in object) return true
  return false
}
