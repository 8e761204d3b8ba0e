import type { Config } from '../config.ts'

/** What a signed id begins with in the cookie: as express-session writes it, so that both can read one cookie. */
export const valuePrefix = 's:'

/**
 * The session cookie: where PUBLIC_URL is https, Secure and with the `__Host-` prefix, so that no other host
 * and no plain connection can set it (ASVS 3.3.1, 3.3.3). With COOKIE_DOMAIN the hosts under it share it, which
 * leaves it the `__Secure-` prefix. Clearing it takes the same attributes.
 */
export function sessionCookie({ publicUrl, cookieDomain }: Pick<Config, 'publicUrl' | 'cookieDomain'>) {
  const secure = publicUrl?.protocol === 'https:'
  const prefix = cookieDomain ? '__Secure-' : '__Host-'
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax' as const, secure }
  return {
    name: secure ? `${prefix}latchkey` : 'latchkey',
    attributes: cookieDomain ? { ...attributes, domain: cookieDomain } : attributes
  }
}
