import { memoize } from '../primitives/memoize.ts'
import { type GateSettings, gateAddress } from './gate-hosts.ts'
import { withReturn } from './return-link.ts'
import type { AskedFor, Client } from './rules/rule-book.ts'

/** What a proxy tells about the original request; undefined where a header is missing. */
export interface GateRequest {
  /** X-Original-URL, the full address. nginx sends it, and understands only 2xx, 401 and 403. */
  readonly originalUrl: string | undefined
  /**
   * X-Forwarded-Uri, the part after the host. Traefik and Caddy send it, and pass any response on to the
   * browser.
   */
  readonly uri: string | undefined
  /** X-Forwarded-Method. */
  readonly method: string | undefined
  /** X-Original-Method, which ingress-nginx sends instead. */
  readonly originalMethod?: string | undefined
  readonly protocol: string
  readonly host: string
}

/**
 * The sign-in address with the way back, however long or strange that is: the app's start page is the last
 * resort. Undefined when the request is not for an app behind the gate.
 * @param page the address of the sign-in page
 */
export function signInUrl(asked: GateRequest, settings: GateSettings, page: string): string | undefined {
  const address = asked.originalUrl ?? forwardedAddress(asked)
  const startPage = gateAddress(originIn(address), settings)
  if (address === undefined || startPage === undefined) return undefined
  if (!isRead(asked)) return withReturn(page, startPage)
  const whole = gateAddress(address, settings)
  const path = gateAddress(address.replace(/[?#].*$/s, ''), settings)
  return withReturn(page, whole ?? path ?? startPage, path ?? startPage, startPage)
}

/**
 * What rules decide about: the request as the proxy tells it. A client may send what another kind of proxy would, and this
 * one may pass it on: then each of them is asked for, and the strictest decision counts.
 * @returns a sentence if the proxy does not say enough
 */
export function askedFor(asked: GateRequest, client: Client): readonly AskedFor[] | string {
  const { originalUrl, uri, method, originalMethod } = asked
  const places: Place[] = []
  if (originalUrl !== undefined) places.push(placeIn(originalUrl))
  if (uri !== undefined) places.push({ host: hostName(asked.host), target: uri })
  if (places.length === 0) return 'The proxy sends neither X-Original-URL nor X-Forwarded-Uri.'
  if (method === undefined && originalMethod === undefined)
    return 'The proxy sends neither X-Forwarded-Method nor X-Original-Method.'
  const all: AskedFor[] = []
  for (const { host, target } of places) {
    if (host === undefined) return 'The proxy sends the name of no host.'
    for (const one of [method, originalMethod]) {
      if (one === undefined) continue
      // Two in one header, where a proxy appends to what the client sends, match no rule, not even one that denies.
      if (!isToken(one))
        return 'The proxy sends a method that is none: it must replace what the client sends.'
      all.push({ host, target, method: one, client })
    }
  }
  return all
}

/** The hosts that are asked for, as in `askedFor`; empty if the proxy names none. */
export function hostsAskedFor({ originalUrl, uri, host }: GateRequest): readonly string[] {
  const places = [
    ...(originalUrl === undefined ? [] : [placeIn(originalUrl).host]),
    ...(originalUrl === undefined || uri !== undefined ? [hostName(host)] : [])
  ]
  const hosts = places.flatMap((place) => place ?? [])
  return hosts.length === places.length ? hosts : []
}

interface Place {
  readonly host: string | undefined
  readonly target: string
}

function placeIn(url: string): Place {
  const [, host, target = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? []
  return { host: hostName(host), target: target === '' ? '/' : target }
}

/** A host as rules have it: in lower case and ASCII, without its port and a dot at its end. */
const hostName = memoize(2000, (host: string | undefined) => {
  const [, name = ''] = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.exec(host ?? '') ?? []
  return name === '' ? undefined : name.toLowerCase().replace(/\.$/, '')
})

/** The app that is asked for, as its pages' origin; undefined if the proxy says nothing valid. */
export function appUrl({ originalUrl, protocol, host }: GateRequest): URL | undefined {
  const origin = originIn(originalUrl ?? `${protocol}://${host}`)
  return origin !== undefined && URL.canParse(origin) ? new URL(origin) : undefined
}

/** What comes before the path; gateAddress decides whether it is valid. */
function originIn(address = ''): string | undefined {
  return /^https?:\/\/[^/?#]*(?=[/?#]|$)/i.exec(address)?.[0]
}

function forwardedAddress({ uri, protocol, host }: GateRequest): string | undefined {
  return uri?.startsWith('/') ? `${protocol}://${host}${uri}` : undefined
}

/** A form is not sent again: after a POST the way back is the app's start page. */
function isRead({ method = 'GET' }: GateRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

/**
 * A name as a `Remote-User` header: `%` and everything that is not visible ASCII is percent-encoded UTF-8, to
 * be decoded by decodeURIComponent. Most names stay as they are, e-mail addresses too.
 */
export function toHeader(name: string): string {
  return name.replace(/[^\x21-\x24\x26-\x7e]+/g, encodeURIComponent)
}

const headers = new WeakMap<readonly string[], string>()

/**
 * Names of groups as a `Remote-Groups` header: each as `toHeader` has it, a comma in it percent-encoded too, with commas
 * between.
 * @param groups not empty; the same array is written once
 */
export function groupsHeader(groups: readonly string[]): string {
  const known = headers.get(groups)
  if (known !== undefined) return known
  const header = groups.map((group) => toHeader(group).replaceAll(',', '%2C')).join(',')
  headers.set(groups, header)
  return header
}

/** Whether it is a method (RFC 9110 §9.1). */
function isToken(method: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(method)
}
