import { isIP } from 'node:net'

/** What a request says about the page that sent it, and the address it was sent to. */
export interface OriginHeaders {
  /** Sec-Fetch-Site. */
  readonly site: string | undefined
  readonly origin: string | undefined
  readonly referer: string | undefined
  readonly protocol: string
  /** As in the Host header, or in X-Forwarded-Host from a trusted proxy. */
  readonly host: string
}

export interface OwnOrigins {
  readonly publicUrl: URL | undefined
  /** Other sites whose forms may post here. */
  readonly trustedOrigins: readonly string[]
}

/** From a page of this site or from no page; from another site; or sent to a name anybody may have made up. */
export type RequestSource = 'here' | 'elsewhere' | 'unknown-host'

/**
 * Names that nobody outside can register (RFC 6761, RFC 6762 appendix G, RFC 8375): no page out there can
 * make a browser believe that such a name is its own.
 */
const privateNames = /(^|\.)(localhost|local|internal|intranet|private|corp|home|lan|test|home\.arpa)$/

/**
 * Says where a request comes from. Browsers tell by Sec-Fetch-Site; over plain http, and old ones, by Origin
 * only. A Referer alone stands in for the Origin. Programs send none of them.
 */
export function sourceOf(signs: OriginHeaders, own: OwnOrigins): RequestSource {
  const { site, origin = signs.referer } = signs
  if (site === undefined && origin === undefined) return 'here'
  const from = originOf(origin)
  if (from !== undefined && own.trustedOrigins.includes(from)) return 'here'
  if (!isKnownHost(signs.host, own)) return 'unknown-host'
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'here' : 'elsewhere'
  const ours = own.publicUrl?.origin ?? originOf(`${signs.protocol}://${signs.host}`)
  return from === ours ? 'here' : 'elsewhere'
}

/** `undefined` for what is no origin, as `null` is. */
function originOf(address: string | undefined): string | undefined {
  return address !== undefined && URL.canParse(address) ? new URL(address).origin : undefined
}

/**
 * Whether a browser that names this host really means this service. Any other name could be an attacker's,
 * pointed here for the moment (DNS rebinding): its page would count as this site's own.
 */
function isKnownHost(host: string, { publicUrl }: OwnOrigins): boolean {
  const address = `http://${host}`
  if (!URL.canParse(address)) return false
  const { hostname } = new URL(address)
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  const isPrivate = isAddress || !hostname.includes('.') || privateNames.test(hostname)
  return isPrivate || hostname === publicUrl?.hostname
}
