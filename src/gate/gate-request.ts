import { type GateSettings, gateAddress } from './gate-hosts.ts'

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
  readonly protocol: string
  readonly host: string
}

/** The sign-in address with the way back; undefined when the request is not for an app behind the gate. */
export function signInUrl(asked: GateRequest, settings: GateSettings): string | undefined {
  const next = gateAddress(asked.originalUrl ?? forwardedAddress(asked), settings)
  return next && `${settings.publicUrl?.origin}/login?next=${encodeURIComponent(next)}`
}

/** A form is not sent again: after a POST the way back is the app's start page. */
function forwardedAddress({ uri, method = 'GET', protocol, host }: GateRequest): string | undefined {
  const path = method === 'GET' || method === 'HEAD' ? uri : '/'
  return uri?.startsWith('/') ? `${protocol}://${host}${path}` : undefined
}

/**
 * A name as a `Remote-User` header: `%` and everything that is not visible ASCII is percent-encoded UTF-8, to
 * be decoded by decodeURIComponent. Most names stay as they are, e-mail addresses too.
 */
export function toHeader(name: string): string {
  return name.replace(/[^\x21-\x24\x26-\x7e]+/g, encodeURIComponent)
}
