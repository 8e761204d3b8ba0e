import { newId } from '../primitives/new-id.ts'

/** A new id of an account: 22 characters of base64url. */
export function newAccountId(): string {
  return newId()
}

/** The last character has two bits. */
export const accountIdPattern = /^[\w-]{21}[AQgw]$/

/** Whether a value of any type has the form of an id. */
export function isAccountId(value: unknown): value is string {
  return typeof value === 'string' && accountIdPattern.test(value)
}
