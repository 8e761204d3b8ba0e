import type { Config } from '../config.ts'

/** What a signed id begins with in the cookie: as express-session writes it, so that both can read one cookie. */
export const valuePrefix = 's:'

type CookieConfig = Pick<Config, 'publicUrl' | 'cookieDomain'> & Partial<Pick<Config, 'cookieName'>>

/**
 * The session cookie: where PUBLIC_URL is https, Secure and with the `__Host-` prefix, so that no other host
 * and no plain connection can set it (ASVS 3.3.1, 3.3.3). With COOKIE_DOMAIN the hosts under it share it, which
 * leaves it the `__Secure-` prefix. Clearing it takes the same attributes.
 */
export function sessionCookie({ publicUrl, cookieDomain, cookieName }: CookieConfig) {
  const secure = publicUrl?.protocol === 'https:'
  const prefix = cookieDomain ? '__Secure-' : '__Host-'
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax' as const, secure }
  return {
    name: cookieName ?? (secure ? `${prefix}latchkey` : 'latchkey'),
    attributes: cookieDomain ? { ...attributes, domain: cookieDomain } : attributes
  }
}

/** What express-session and @fastify/session take a cookie for that does not say otherwise. */
const usual = new Map<string, unknown>(
  Object.entries({ expires: null, domain: null, path: '/', httpOnly: true, secure: false })
)

/** A cookie as it is stored, without what goes without saying. */
export function terseCookie<T extends object>(cookie: T): T {
  return Object.fromEntries(
    Object.entries(cookie).filter(([name, value]) => !usual.has(name) || usual.get(name) !== value)
  ) as T
}

/** The attributes of a cookie but its date: moving that along is no change, the store knows when the session ends. */
const attributes = [
  'originalMaxAge',
  'originalExpires',
  'path',
  'domain',
  'secure',
  'httpOnly',
  'sameSite',
  'priority',
  'partitioned'
]

/** Whether two cookies say the same, of which either may be stored and leave out what goes without saying. */
export function isSameCookie(one: object, other: object): boolean {
  return attributes.every((name) => isSame(said(one, name), said(other, name)))
}

function said(cookie: object, name: string): unknown {
  return Reflect.get(cookie, name) ?? usual.get(name) ?? null
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other))
}

export function parseCookieName(value: string): string | undefined {
  if (value === '') return undefined
  if (/^[\w.-]+$/.test(value)) return value
  throw new Error(`is "${value}", it must be the name of a cookie, such as connect.sid`)
}

/** Browsers keep cookies with these prefixes only where they are what the prefix says (RFC 6265bis §4.1.3). */
export function cookieNameFaults({ publicUrl, cookieDomain, cookieName = '' }: CookieConfig): string[] {
  const isHost = cookieName.startsWith('__Host-')
  const isSecure = isHost || cookieName.startsWith('__Secure-')
  if (isSecure && publicUrl?.protocol !== 'https:') {
    return [`SESSION_COOKIE is ${cookieName}, and PUBLIC_URL is not https: browsers would drop the cookie`]
  }
  if (!isHost || !cookieDomain) return []
  return [`SESSION_COOKIE is ${cookieName}, and COOKIE_DOMAIN is set: browsers would drop the cookie`]
}
