import { domainToASCII } from 'node:url'
import type { GateSettings } from './gate-hosts.ts'

/**
 * Hosts of apps behind the gate, as in addresses: with a port if it is not the default, or with `*.` before
 * the name.
 */
export function parseGateHosts(value: string): string[] {
  if (value === '') return []
  const hosts = value.split(',').map(toHost)
  if (hosts.every((host) => host !== undefined)) return hosts
  throw new Error(
    `is "${value}", it must be hosts of apps: app.example.org, app.example.org:8443, *.example.org`
  )
}

/** A single label (`org`) is a public suffix, for which browsers store no cookie. */
export function parseCookieDomain(value: string): string | undefined {
  if (value === '') return undefined
  const domain = toAscii(value.replace(/^\./, ''))
  if (/\.[a-z0-9-]*[a-z-]$/.test(domain)) return domain
  throw new Error(`is "${value}", it must be a domain of your own with a dot in it, such as example.org`)
}

/**
 * Combinations under which the cookie would not reach an app, or not even its own page: one sentence each.
 */
export function sharedCookieFaults({ publicUrl, gateHosts, cookieDomain }: SharedCookie): string[] {
  if (!publicUrl) {
    if (gateHosts.length === 0 && !cookieDomain) return []
    return [
      'PUBLIC_URL is not set, and GATE_HOSTS and COOKIE_DOMAIN need it: set it to the address where people sign in'
    ]
  }
  if (cookieDomain && !isUnder(publicUrl.hostname, cookieDomain))
    return [
      `COOKIE_DOMAIN is ${cookieDomain}, and PUBLIC_URL is not under it: browsers would drop the cookie`
    ]
  return gateHosts
    .filter((host) => !isReached(host, publicUrl.hostname, cookieDomain))
    .map(
      (host) =>
        `GATE_HOSTS has ${host}, and the session cookie of ${publicUrl.hostname} does not reach it: ` +
        'set COOKIE_DOMAIN to a domain that both are under'
    )
}

interface SharedCookie extends GateSettings {
  readonly cookieDomain: string | undefined
}

function toHost(text: string): string | undefined {
  const [, wildcard = '', typed = '', port = ''] = /^(\*\.)?([^:]*)(:\d{1,5})?$/.exec(text.trim()) ?? []
  const host = toAscii(typed)
  const isHost = host !== '' && URL.canParse(`http://${host}${port}`)
  return isHost ? wildcard + host + port : undefined
}

/**
 * Labels of up to 63 letters, digits and hyphens, separated by dots (RFC 1035 §2.3.4), or '' if it is
 * anything else.
 */
function toAscii(host: string): string {
  // domainToASCII would use the beginning of a full address.
  const ascii = /[/?#@\\:\s]/.test(host) ? '' : domainToASCII(host)
  return ascii.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.(?!$)|$))+$/.test(ascii) ? ascii : ''
}

/** Cookies ignore ports. Without COOKIE_DOMAIN only the host that set them gets them. */
function isReached(gateHost: string, ownHost: string, cookieDomain: string | undefined): boolean {
  const host = gateHost.replace(/:\d+$/, '')
  if (!cookieDomain) return host === ownHost
  return isUnder(host.replace(/^\*\./, ''), cookieDomain)
}

function isUnder(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`)
}
