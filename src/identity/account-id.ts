import { randomBytes } from 'node:crypto'

/** A new id of an account: 128 random bits as 22 characters of base64url. */
export function newAccountId(): string {
  return randomBytes(16).toString('base64url')
}

/** Whether a value of any type has the form of an id. */
export function isAccountId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{21}[AQgw]$/.test(value)
}
