import { type GateSettings, gateAddress } from './gate-hosts.ts'

/** What a proxy says about the request it asks for; undefined is what it does not say. */
export interface GateRequest {
  /** X-Original-URL, the whole address: nginx and its kin say it, who understand only 2xx, 401 and 403. */
  readonly originalUrl: string | undefined
  /** X-Forwarded-Uri, what follows the host: Traefik and Caddy say it, who pass any answer on to the browser. */
  readonly uri: string | undefined
  /** X-Forwarded-Method. */
  readonly method: string | undefined
  readonly protocol: string
  readonly host: string
}

/** Where somebody who is not signed in can do so and come back; undefined for what is no app behind the gate. */
export function signInUrl(asked: GateRequest, settings: GateSettings): string | undefined {
  const next = gateAddress(asked.originalUrl ?? forwardedAddress(asked), settings)
  return next && `${settings.publicUrl?.origin}/login?next=${encodeURIComponent(next)}`
}

/** What was sent to an app is not sent again: then the way back leads to its start. */
function forwardedAddress({ uri, method = 'GET', protocol, host }: GateRequest): string | undefined {
  const path = method === 'GET' || method === 'HEAD' ? uri : '/'
  return uri?.startsWith('/') ? `${protocol}://${host}${path}` : undefined
}

/**
 * A name as `Remote-User` carries it: `%` and whatever is not visible ASCII as percent-encoded UTF-8, which
 * decodeURIComponent turns back. Most names, e-mail addresses too, stay as they are.
 */
export function toHeader(name: string): string {
  return name.replace(/[^\x21-\x24\x26-\x7e]+/g, encodeURIComponent)
}
