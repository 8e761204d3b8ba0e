import type { CookieOptions } from 'express-session'

type SameSite = CookieOptions['sameSite'] | 'auto'

/**
 * Makes a stored cookie's attributes as strict as the application's options: an older program may have stored
 * weaker ones.
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
