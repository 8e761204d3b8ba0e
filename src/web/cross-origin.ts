import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { isTrustedOrigin } from './trusted-origins.ts'

/** Headers that tell which page sent a request, and the address it was sent to. */
export interface OriginHeaders {
  /** Sec-Fetch-Site. */
  readonly site: string | undefined
  readonly origin: string | undefined
  readonly referer: string | undefined
  readonly protocol: string
  /** From the Host header, or X-Forwarded-Host of a trusted proxy. */
  readonly host: string
}

export interface OwnOrigins {
  readonly publicUrl: URL | undefined
  /** What `parseOrigins` returned: other origins whose forms may post here. */
  readonly trustedOrigins: readonly string[]
}

/**
 * From a page of this site or from no page; from another site; or sent to a host name that anybody could have
 * made up.
 */
export type RequestSource = 'here' | 'elsewhere' | 'unknown-host'

/**
 * Names that cannot be registered publicly (RFC 6761, RFC 6762 appendix G, RFC 8375): no foreign page can
 * have such an origin.
 */
const privateNames = /(^|\.)(localhost|local|internal|intranet|private|corp|home|lan|test|home\.arpa)$/

/**
 * Tells where a request comes from. Browsers send Sec-Fetch-Site; over plain http, and in old browsers, only
 * Origin. A lone Referer is used as the Origin. Programs send none of them.
 */
export function sourceOf(signs: OriginHeaders, own: OwnOrigins): RequestSource {
  const { site, origin = signs.referer } = signs
  if (site === undefined && origin === undefined) return 'here'
  if (isTrustedOrigin(origin, own.trustedOrigins)) return 'here'
  if (!isKnownHost(signs.host, own)) return 'unknown-host'
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'here' : 'elsewhere'
  const ours = own.publicUrl?.origin ?? originOf(`${signs.protocol}://${signs.host}`)
  const from = originOf(origin)
  return from !== undefined && from === ours ? 'here' : 'elsewhere'
}

/**
 * Whether a request asks for a connection of its own, whatever its method: an upgrade, or a WebSocket over
 * HTTP/2 or through a proxy that leaves out `Upgrade`. A page of any origin may open one, with cookies and
 * without a preflight, and read what comes.
 */
export function isUpgrade(headers: IncomingHttpHeaders): boolean {
  return (
    headers.upgrade !== undefined ||
    headers['sec-fetch-mode'] === 'websocket' ||
    headers['sec-websocket-version'] !== undefined ||
    headers['sec-websocket-key'] !== undefined
  )
}

/** `undefined` for an invalid origin and one that is not a site's, such as `null` or a browser extension's. */
function originOf(address: string | undefined): string | undefined {
  const origin = address !== undefined && URL.canParse(address) ? new URL(address).origin : 'null'
  return origin === 'null' ? undefined : origin
}

/**
 * Whether the host name is ours. Any other name could belong to an attacker who points it here (DNS
 * rebinding): the attacker's page would count as this site.
 */
function isKnownHost(host: string, { publicUrl }: OwnOrigins): boolean {
  const address = `http://${host}`
  if (!URL.canParse(address)) return false
  const { hostname } = new URL(address)
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  const isPrivate = isAddress || !hostname.includes('.') || privateNames.test(hostname)
  return isPrivate || hostname === publicUrl?.hostname
}
