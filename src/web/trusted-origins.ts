import { isIP } from 'node:net'
import { withoutPassword } from './addresses.ts'
import { isHostName, isOnHost } from './host-names.ts'

/** Pages of these have no origin (`null`), or none of their own. */
const withoutOrigin = /^(about|blob|data|file|filesystem|ftp|javascript|wss?):$/

/**
 * Origins separated by commas, as a browser writes them: of sites (`https://www.example.org`), of all sites below a name
 * (`https://*.example.org`), and of apps and browser extensions, which have a scheme of their own
 * (`capacitor://localhost`, `chrome-extension://…`).
 * @throws {Error} for anything that could never be the origin of a page
 */
export function parseOrigins(value: string): string[] {
  if (value === '') return []
  return value.split(',').map((part) => {
    const origin = toOrigin(part.trim())
    if (origin !== undefined) return origin
    throw new Error(
      `is "${withoutPassword(value)}", it must be the origins of sites or apps: https://www.example.org, https://*.example.org, capacitor://localhost`
    )
  })
}

/**
 * Whether a page of this address is of one of these origins.
 * @param address the header Origin, or Referer
 * @param trusted what `parseOrigins` returned
 */
export function isTrustedOrigin(address: string | undefined, trusted: readonly string[]): boolean {
  if (address === undefined || trusted.length === 0 || !URL.canParse(address)) return false
  const url = new URL(address)
  const origin = originOf(url)
  return trusted.some((entry) => {
    if (entry === origin) return true
    const [scheme, host = ''] = entry.split('//')
    return host.startsWith('*.') && scheme === url.protocol && isOnHost(url, host)
  })
}

function toOrigin(text: string): string | undefined {
  const [, scheme = '', wildcard = '', rest = ''] = /^([a-z][a-z\d+.-]*:\/\/)(\*\.)?(.+)$/is.exec(text) ?? []
  if (!URL.canParse(scheme + rest)) return undefined
  const url = new URL(scheme + rest)
  const isWhole = [originOf(url), `${originOf(url)}/`].includes(
    isOfWeb(url) ? url.href : url.href.toLowerCase()
  )
  if (!isWhole || !isNameOf(url) || withoutOrigin.test(url.protocol)) return undefined
  if (wildcard && !isBelowAName(url)) return undefined
  return wildcard ? `${url.protocol}//*.${url.host}` : originOf(url)
}

/** Electron apps have also `app://.` */
function isNameOf(url: URL): boolean {
  return isHostName(url.hostname.toLowerCase()) || (!isOfWeb(url) && url.hostname === '.')
}

/** Sites below `org` are everybody's. An app and an extension have a name of their own, and no names below it. */
function isBelowAName(url: URL): boolean {
  return isOfWeb(url) && isIP(url.hostname) === 0 && /\.|^localhost$/.test(url.hostname)
}

/** Only sites have one for the parser of URLs, and only their hosts are in lower case. */
function originOf(url: URL): string {
  return isOfWeb(url) ? url.origin : `${url.protocol}//${url.host}`.toLowerCase()
}

function isOfWeb({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}
