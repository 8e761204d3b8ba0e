import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Tells whether an Authorization header has one of the tokens (RFC 6750 §2.1). With no tokens, none has.
 */
export function tokenCheck(tokens: readonly string[]): (authorization: string | undefined) => boolean {
  const known = tokens.map(digest)
  return (authorization = '') => {
    const [, token] = /^bearer +(\S+) *$/i.exec(authorization) ?? []
    if (token === undefined) return false
    const sent = digest(token)
    return known.filter((each) => timingSafeEqual(each, sent)).length > 0
  }
}

/** Of the same length for all, so that comparing takes the same time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
