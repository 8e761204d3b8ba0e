import { isIP } from 'node:net'
import { ownerKeyOf } from '../../identity/owner-key.ts'
import type { SessionRecord } from '../session-record.ts'

/** Of more cookies with one name, the others are not looked at. */
export const maxCookies = 4

/** For a host of more labels, only the shorter parent domains. */
const maxDomains = 8

export interface Found {
  /** undefined: the session is over, or there never was one. */
  readonly session: { readonly record: Readonly<Partial<SessionRecord>> } | undefined
}

/**
 * The one of several session cookies that counts: that of the signed-in user, else the first with a session.
 * @returns undefined if none has a session, or if users differ: it is unknown which of them sent the request
 */
export function cookieThatCounts<Cookie extends Found>(cookies: readonly Cookie[]): Cookie | undefined {
  const living = cookies.filter(({ session }) => session !== undefined)
  const owned = living.filter(({ session }) => session && ownerKeyOf(session.record) !== undefined)
  const owners = new Set(owned.map(({ session }) => session && ownerKeyOf(session.record)))
  return owners.size > 1 ? undefined : (owned[0] ?? living[0])
}

/**
 * The domains for which a cookie that reached this host may have been set: undefined for the host alone, then
 * the host and each parent domain that COOKIE_DOMAIN may have been.
 * @param host from a Host header, perhaps with a port, or anything else
 */
export function possibleDomains(host: string): (string | undefined)[] {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (isIP(name) !== 0 || !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name)) return [undefined]
  // No more are looked at: a host may have thousands.
  const labels = name.split('.').slice(-maxDomains - 1)
  return [undefined, ...labels.slice(1).map((_, index) => labels.slice(index).join('.'))]
}

/** A Cookie header with one cookie in place of all of that name, or with none of them. */
export function withOneCookie(header: string, name: string, value: string | undefined): string {
  // As tolerant as the most tolerant parser, so that no other cookie is read as this one.
  const others = header.split(';').filter((pair) => pair.split('=')[0]?.trim() !== name)
  const own = value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  return [...own, ...others.map((pair) => pair.trim())].join('; ')
}
