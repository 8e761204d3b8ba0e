import type { SerializeOptions } from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { LoadedSession } from '../../src/sessions/sessions.ts'

type Session = FastifyRequest['session']
type Cookie = Session['cookie']

/** What was saved of a session. */
export interface Saved {
  readonly isChanged: boolean
  /** Whether the cookie's attributes are those stored. */
  readonly isSameCookie: boolean
}

/**
 * Whether the browser's cookie has the current signature and attributes, and a date as late as the session's
 * end.
 */
export function browserHasCookie({ sentCookie, savedSession }: FastifyRequest, session: Session): boolean {
  const { isChanged, isSameCookie } = savedSession ?? unchanged
  if (sentCookie?.token.signed !== session.encryptedSessionId || session.isSaved()) return false
  if (isChanged && !isSameCookie) return false
  return !session.cookie.expires || !(isChanged || isExtended(sentCookie.session))
}

const unchanged: Saved = { isChanged: false, isSameCookie: true }

/** Whether this request extended a session with its own `maxAge`: then the cookie must last as long. */
export function isExtended(session: LoadedSession | undefined): boolean {
  if (!session?.isTouched || session.record.remember) return false
  return session.record.cookie.originalMaxAge !== null
}

/** Browsers drop a Secure cookie that arrives over a plain connection. */
export function isSafeOver(protocol: string, { secure }: Pick<Cookie, 'secure'>): boolean {
  return !secure || protocol === 'https'
}

/** @fastify/session uses null for missing attributes. */
export function attributesOf(cookie: Cookie): SerializeOptions {
  const { path, domain, httpOnly, secure, sameSite, partitioned, expires } = cookie as SerializeOptions
  const attributes = { path, domain, httpOnly, secure, sameSite, partitioned, expires }
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value != null))
}

/**
 * A request of a page's script may run beside a sign-in in another tab; if its response is the later one, it must
 * not clear the new cookie. Programs and old browsers do not send the header.
 */
export function isNavigation({ headers }: FastifyRequest): boolean {
  const { 'sec-fetch-mode': mode = 'navigate' } = headers
  return mode === 'navigate'
}
