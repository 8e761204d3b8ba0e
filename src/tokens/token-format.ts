import { hash, randomBytes } from 'node:crypto'

/** By which scanners of code and logs find one. */
const prefix = 'lk_'
/** 160 bits in hexadecimal: a double click selects all of it, and no letter looks like a digit. */
const pattern = /^lk_[0-9a-f]{40}$/

/** A new token. It is shown once, and nobody stores it. */
export function newToken(): string {
  return prefix + randomBytes(20).toString('hex')
}

/** A token has as many bits as its hash could need, so one round is enough to keep it secret. */
export function hashOfToken(token: string): string {
  return hash('sha256', token, 'base64url')
}

export function isToken(text: string): boolean {
  return pattern.test(text)
}

/** A token that a program has sent. */
export interface SentToken {
  /** Perhaps none: whatever begins as one. */
  readonly token: string
  /** The name that was sent with it; undefined with `Bearer`. */
  readonly username: string | undefined
}

/**
 * The token in an Authorization header: `Bearer lk_…` (RFC 6750 §2.1), or as a password of `Basic` (RFC 7617). Anything else
 * is meant for somebody else, and is passed on to the app. So a token with more behind it, as from two such headers, is a
 * wrong one.
 */
export function sentToken(authorization: string | undefined): SentToken | undefined {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(.*)$/is.exec(authorization?.trimEnd() ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer')
    return value.startsWith(prefix) ? { token: value, username: undefined } : undefined
  const text = scheme === '' ? '' : Buffer.from(value, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const token = text.slice(colon + 1)
  return colon >= 0 && token.startsWith(prefix) ? { token, username: text.slice(0, colon) } : undefined
}
