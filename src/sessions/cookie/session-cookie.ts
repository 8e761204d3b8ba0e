/**
 * The prefix of a signed id in the cookie, as express-session writes it, so that both can read the same
 * cookie.
 */
export const valuePrefix = 's:'

export interface CookieSettings {
  /** The address of the service; undefined means http://localhost with its port. */
  readonly publicUrl: URL | undefined
  /** The cookie is sent to every host under this domain; undefined means to this host only. */
  readonly cookieDomain: string | undefined
  /** Replaces the default name of the cookie. */
  readonly cookieName?: string | undefined
  /** The cookie is sent to this path and below: `/` by default. */
  readonly cookiePath?: string | undefined
}

/**
 * Name and attributes of the session cookie. If PUBLIC_URL is https, it is Secure and has the prefix
 * `__Host-`, so that no other host and no plain connection can set it (ASVS 3.3.1, 3.3.3). With COOKIE_DOMAIN
 * the hosts under it share it, and under a path it is for that path: with the prefix `__Secure-`. Clearing it needs the
 * same attributes.
 */
export function sessionCookie({ publicUrl, cookieDomain, cookieName, cookiePath = '/' }: CookieSettings) {
  const secure = publicUrl?.protocol === 'https:'
  const prefix = cookieDomain || cookiePath !== '/' ? '__Secure-' : '__Host-'
  const attributes = { path: cookiePath, httpOnly: true, sameSite: 'lax' as const, secure }
  return {
    name: cookieName ?? (secure ? `${prefix}latchkey` : 'latchkey'),
    attributes: cookieDomain ? { ...attributes, domain: cookieDomain } : attributes
  }
}

interface Reach extends Pick<CookieSettings, 'cookieDomain' | 'cookieName'> {
  readonly gateHosts: readonly string[]
}

/**
 * The path of the session cookie: that of the app, so that its neighbours on the host do not get it and have cookies of
 * their own. The whole host if other apps use the session too, behind the gate or by a shared name.
 * @param app in front of the app's paths, '' for none
 */
export function cookiePath(app: string, { cookieDomain, cookieName, gateHosts }: Reach): string {
  const isForAll = cookieDomain || cookieName || gateHosts.length > 0
  return isForAll || app === '' ? '/' : app
}

/** Defaults of express-session and @fastify/session for missing attributes. */
const usual = new Map<string, unknown>(
  Object.entries({ expires: null, domain: null, path: '/', httpOnly: true, secure: false })
)

/** The cookie as it is stored, without default attributes. */
export function terseCookie<T extends object>(cookie: T): T {
  return Object.fromEntries(
    Object.entries(cookie).filter(([name, value]) => !usual.has(name) || usual.get(name) !== value)
  ) as T
}

/**
 * The attributes of a cookie except its date: a new date is no change, because the store knows when the
 * session ends.
 */
interface Attributes {
  readonly originalMaxAge?: unknown
  readonly originalExpires?: unknown
  readonly path?: unknown
  readonly domain?: unknown
  readonly secure?: unknown
  readonly httpOnly?: unknown
  readonly sameSite?: unknown
  readonly priority?: unknown
  readonly partitioned?: unknown
}

/** Whether two cookies are equal; either may be a stored one without default attributes. */
export function isSameCookie(one: Attributes, other: Attributes): boolean {
  return (
    isSame(one.originalMaxAge ?? null, other.originalMaxAge ?? null) &&
    isSame(one.originalExpires ?? null, other.originalExpires ?? null) &&
    isSame(one.path ?? '/', other.path ?? '/') &&
    isSame(one.domain ?? null, other.domain ?? null) &&
    isSame(one.secure ?? false, other.secure ?? false) &&
    isSame(one.httpOnly ?? true, other.httpOnly ?? true) &&
    isSame(one.sameSite ?? null, other.sameSite ?? null) &&
    isSame(one.priority ?? null, other.priority ?? null) &&
    isSame(one.partitioned ?? null, other.partitioned ?? null)
  )
}

/** A stored date is a string. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other))
}

export function parseCookieName(value: string): string | undefined {
  if (value === '') return undefined
  if (/^[\w.-]+$/.test(value)) return value
  throw new Error(`is "${value}", it must be the name of a cookie, such as connect.sid`)
}

/** Browsers store a cookie with such a prefix only if its attributes match (RFC 6265bis §4.1.3). */
export function cookieNameFaults({ publicUrl, cookieDomain, cookieName = '' }: CookieSettings): string[] {
  const isHost = cookieName.startsWith('__Host-')
  const isSecure = isHost || cookieName.startsWith('__Secure-')
  if (isSecure && publicUrl?.protocol !== 'https:') {
    return [`SESSION_COOKIE is ${cookieName}, and PUBLIC_URL is not https: browsers would drop the cookie`]
  }
  if (!isHost || !cookieDomain) return []
  return [`SESSION_COOKIE is ${cookieName}, and COOKIE_DOMAIN is set: browsers would drop the cookie`]
}
