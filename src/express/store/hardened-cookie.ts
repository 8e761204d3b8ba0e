import type { CookieOptions } from 'express-session'

type SameSite = CookieOptions['sameSite'] | 'auto'

/**
 * A stored cookie with what guards it as strict as the application's own options have it: an older program may
 * have stored it with less.
 */
export function hardened<T extends CookieOptions>(stored: T, wanted: CookieOptions): T {
  return {
    ...stored,
    httpOnly: stored.httpOnly !== false || wanted.httpOnly !== false,
    ...((stored.secure || wanted.secure === true) && { secure: true }),
    ...(rank(wanted.sameSite) > rank(stored.sameSite) && { sameSite: wanted.sameSite })
  }
}

function rank(sameSite: SameSite): number {
  if (sameSite === true || sameSite === 'strict') return 2
  return sameSite === 'lax' ? 1 : 0
}
