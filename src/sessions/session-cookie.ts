import type { Config } from '../config.ts'

/** What a signed id begins with in the cookie: as express-session writes it, so that both can read one cookie. */
export const valuePrefix = 's:'

/**
 * The session cookie: where PUBLIC_URL is https, Secure and with the `__Host-` prefix, so that no other host
 * and no plain connection can set it (ASVS 3.3.1, 3.3.3). Clearing it takes the same attributes.
 */
export function sessionCookie({ publicUrl }: Pick<Config, 'publicUrl'>) {
  const secure = publicUrl?.protocol === 'https:'
  return {
    name: secure ? '__Host-latchkey' : 'latchkey',
    attributes: { path: '/', httpOnly: true, sameSite: 'lax' as const, secure }
  }
}
