import { createRequire } from 'node:module'
import type { ValidateFunction } from 'ajv'
import { inEnglish } from '../i18n/language.ts'
import { accountIdPattern } from '../identity/account-id.ts'
import { addressKey, checkAddress } from '../identity/email-address.ts'
import { checkName } from '../identity/names.ts'
import type { Role } from '../identity/roles.ts'
import { beginsWithDay } from '../primitives/calendar-day.ts'
import { once } from '../primitives/once.ts'
import { printableJson } from '../primitives/visible-text.ts'
import type { ExportedAccount, NewAccount } from './account.ts'
import { type ExportedAddresses, exportedAddressesSchema } from './exported-addresses.ts'
import { type ExportedFactors, exportedFactorsSchema } from './exported-factors.ts'
import { workIn } from './hash-cost.ts'
import { maxFailedAttempts } from './verification.ts'

/** The column has 32 bits, and each change adds one. */
const maxVersion = 2 ** 30

/** An account as a line of JSON, with all that another database needs. */
interface Line {
  /** Missing in a line of another program: then the account gets a new one. */
  readonly id?: string | undefined
  readonly name: string
  /** A PHC string of argon2, as in the database. The password itself is never stored. */
  readonly passwordHash: string
  readonly role: Role
  readonly createdAt: string
  readonly disabledAt: string | null
  /** When its owner signed in last; missing: never, as far as is known. */
  readonly signedInAt?: string
  readonly failedAttempts: number
  /** Sessions of a lower one are over, in a Redis too that both databases have sessions in. */
  readonly version?: number | undefined
  /** Names that it had before, and that nobody else can take yet. */
  readonly formerNames?: readonly { readonly name: string; readonly at: string; readonly heldUntil: string }[]
  readonly groups?: readonly string[]
  readonly factors?: ExportedFactors
  /** Confirmed. */
  readonly email?: string
  readonly emailAt?: string
  /** The BCP 47 tag of its owner's language. */
  readonly language?: string
  /** Whether its owner wants to know of sign-ins in other browsers; missing: yes. */
  readonly signInNotices?: boolean
  readonly formerAddresses?: ExportedAddresses
}

const text = { type: 'string' }
const lineSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', pattern: accountIdPattern.source },
    name: text,
    passwordHash: text,
    role: { enum: ['user', 'admin'] },
    createdAt: text,
    disabledAt: { type: ['string', 'null'] },
    signedInAt: text,
    failedAttempts: { type: 'integer', minimum: 0, maximum: maxFailedAttempts },
    version: { type: 'integer', minimum: 1, maximum: maxVersion },
    formerNames: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: text, at: text, heldUntil: text },
        required: ['name', 'at', 'heldUntil']
      }
    },
    groups: { type: 'array', items: text },
    factors: exportedFactorsSchema,
    email: text,
    emailAt: text,
    language: { type: 'string', pattern: '^[A-Za-z0-9-]{2,35}$' },
    signInNotices: { type: 'boolean' },
    formerAddresses: exportedAddressesSchema
  },
  required: ['name', 'passwordHash', 'role', 'createdAt', 'disabledAt', 'failedAttempts']
}

/** Made at the first line: only an import needs it. */
const lines = once(() => {
  const { Ajv }: typeof import('ajv') = createRequire(import.meta.url)('ajv')
  return new Ajv({ allowUnionTypes: true }).compile<Line>(lineSchema)
})

export type ParsedLines =
  | { readonly ok: true; readonly accounts: readonly NewAccount[] }
  | { readonly ok: false; readonly faults: readonly string[] }

/** Leaves out what concerns one database only: that it was the first account. */
export function toLine(account: Omit<ExportedAccount, 'secondFactors'>): string {
  const { formerNames = [], groups = [], factors, email, emailAt, language, signInNotices } = account
  const { formerAddresses } = account
  const { id, name, passwordHash, role, createdAt, disabledAt, signedInAt, failedAttempts, version } = account
  const line: Line = {
    id,
    name,
    passwordHash,
    role,
    createdAt: createdAt.toISOString(),
    disabledAt: disabledAt?.toISOString() ?? null,
    ...(signedInAt && { signedInAt: signedInAt.toISOString() }),
    failedAttempts,
    version,
    ...(formerNames.length > 0 && {
      formerNames: formerNames.map(({ name, at, heldUntil }) => ({
        name,
        at: at.toISOString(),
        heldUntil: heldUntil.toISOString()
      }))
    }),
    ...(groups.length > 0 && { groups }),
    ...(factors && { factors }),
    ...(email !== undefined && { email, ...(emailAt && { emailAt: emailAt.toISOString() }) }),
    ...(language !== undefined && { language }),
    ...(signInNotices === false && { signInNotices }),
    ...(formerAddresses && { formerAddresses })
  }
  return printableJson(line)
}

/** @returns all accounts, or all faults with their line numbers; empty lines are ignored */
export function parseLines(text: string): ParsedLines {
  const faults: string[] = []
  const accounts = new Map<string, NewAccount>()
  const ids = new Set<string>()
  const addresses = new Set<string>()
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const account = parseLine(line)
    if (typeof account === 'string') faults.push(`Line ${index + 1} ${account}`)
    else if (accounts.has(account.key)) faults.push(`Line ${index + 1} repeats a name.`)
    else if (account.id !== undefined && ids.has(account.id)) faults.push(`Line ${index + 1} repeats an id.`)
    else if (hasAddressOf(account, addresses)) faults.push(`Line ${index + 1} repeats an e-mail address.`)
    else accounts.set(account.key, account)
    if (typeof account !== 'string' && account.id !== undefined) ids.add(account.id)
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, accounts: [...accounts.values()] }
}

/** @param addresses the keys of those in the lines before: this one is added */
function hasAddressOf({ email }: NewAccount, addresses: Set<string>): boolean {
  const key = email && addressKey(email)
  const isThere = key !== undefined && addresses.has(key)
  if (key) addresses.add(key)
  return isThere
}

/** @returns the account, or what is wrong with the line */
function parseLine(text: string): NewAccount | string {
  const line = parseJson(text)
  if (line === undefined) return 'is not JSON.'
  const isLine = lines()
  if (!isLine(line)) return `is not an account: ${describeFault(isLine.errors)}.`
  const name = checkName(line.name)
  if (!name.ok) return `has an invalid name: ${inEnglish(name.reason)}`
  const createdAt = timeIn(line.createdAt)
  const disabledAt = line.disabledAt === null ? undefined : timeIn(line.disabledAt)
  const signedInAt = line.signedInAt === undefined ? undefined : timeIn(line.signedInAt)
  if (![createdAt, disabledAt ?? createdAt, signedInAt ?? createdAt].every(isDate))
    return 'has an invalid time.'
  const formerNames = line.formerNames?.map(({ name, at, heldUntil }) => ({
    name,
    at: timeIn(at),
    heldUntil: timeIn(heldUntil)
  }))
  for (const { name, at, heldUntil } of formerNames ?? [])
    if (!(checkName(name).ok && isDate(at) && isDate(heldUntil))) return 'has an invalid former name.'
  for (const group of line.groups ?? []) if (!checkName(group).ok) return 'has an invalid name of a group.'
  const { id, passwordHash, role, failedAttempts, version, groups, factors, language } = line
  const { signInNotices, formerAddresses } = line
  const email = line.email === undefined ? undefined : checkAddress(line.email)
  if (email && !email.ok) return 'has an invalid e-mail address.'
  const emailAt = line.emailAt === undefined ? undefined : timeIn(line.emailAt)
  if (emailAt && !isDate(emailAt)) return 'has an invalid time.'
  // A seed is sealed for the id.
  if (factors && id === undefined) return 'has second factors, and no id.'
  if (workIn(passwordHash) === undefined)
    return 'has a hash that is none of argon2, or dearer than PASSWORD_HASH can be.'
  return {
    ...(id && { id }),
    name: name.name,
    key: name.key,
    passwordHash,
    role,
    createdAt,
    disabledAt,
    failedAttempts,
    ...(signedInAt && { signedInAt }),
    ...(version !== undefined && { version }),
    ...(formerNames && { formerNames }),
    ...(groups && { groups }),
    ...(factors && { factors }),
    ...(email && { email: email.address, ...(emailAt && { emailAt }) }),
    ...(language && { language }),
    ...(signInNotices === false && { signInNotices }),
    ...(formerAddresses && { formerAddresses })
  }
}

/** Invalid for a day that the calendar does not have. */
function timeIn(text: string): Date {
  const isIso = /^\d{4}-\d\d-\d\d/.test(text)
  return new Date(isIso && !beginsWithDay(text) ? Number.NaN : text)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function describeFault(faults: ValidateFunction['errors']): string {
  const [fault] = faults ?? []
  const where = fault?.instancePath.slice(1)
  return [where && `"${where}"`, fault?.message].filter(Boolean).join(' ')
}

function isDate(date: Date): boolean {
  return !Number.isNaN(date.getTime())
}
