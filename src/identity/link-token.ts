import { hash, randomBytes } from 'node:crypto'

/** For the address in a link: 256 random bits, as 43 characters. */
export function newLinkToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * What is stored of it: a dump of the database contains nothing for an address.
 * @returns undefined when the text has not the form of a token
 */
export function linkTokenHash(token: string | undefined): string | undefined {
  return token !== undefined && /^[\w-]{43}$/.test(token) ? hash('sha256', token, 'base64url') : undefined
}
