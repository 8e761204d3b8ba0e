import { isOnHost } from '../web/host-names.ts'
import { maxReturnLength } from './return-link.ts'

/** The address of the service, and the apps behind the gate. */
export interface GateSettings {
  /** The address of the service; undefined means http://localhost with its port. */
  readonly publicUrl: URL | undefined
  /** Hosts of the apps that use forward auth: sign-in may lead there. */
  readonly gateHosts: readonly string[]
}

/**
 * The address of an app behind the gate as a browser writes it, if `wanted` is one: on a host in GATE_HOSTS,
 * with the scheme of PUBLIC_URL, without user name and password (ASVS 3.7.2).
 * @param wanted untrusted input
 */
export function gateAddress(wanted: unknown, settings: GateSettings): string | undefined {
  if (typeof wanted !== 'string' || wanted.length > maxReturnLength || !isWholeAddress(wanted))
    return undefined
  const url = new URL(wanted)
  const isOfGate =
    url.protocol === settings.publicUrl?.protocol && settings.gateHosts.some((entry) => isOnHost(url, entry))
  return isOfGate && url.href.length <= maxReturnLength ? url.href : undefined
}

/** The apps as sources in a Content-Security-Policy: a form may lead only to listed sources. */
export function gateOrigins({ publicUrl, gateHosts }: GateSettings): string[] {
  return gateHosts.map((host) => `${publicUrl?.protocol}//${host}`)
}

/** Only addresses that all browsers and proxies read alike: nothing but host and port before the path. */
function isWholeAddress(wanted: string): boolean {
  return (
    /^https?:\/\/[^/?#\\@%]+([/?#]|$)/i.test(wanted) && !/[\p{Cc}\s\\]/u.test(wanted) && URL.canParse(wanted)
  )
}
