import { isIP } from 'node:net'

/**
 * Whether a browser can have this host in its address bar: an IP address, or labels of letters, digits, hyphens and
 * underscores. The parser of URLs also takes `*.example.org` and `.example.org`, which nobody ever has.
 * @param hostname as in `URL.hostname`
 */
export function isHostName(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 || /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(hostname)
}

/**
 * Whether an address is on this host and port.
 * @param entry `example.org`, `example.org:8443`, or `*.example.org` for all names below it, but not itself
 */
export function isOnHost(url: URL, entry: string): boolean {
  const { hostname, port } = new URL(`${url.protocol}//${entry.replace('*.', '')}`)
  const isName = entry.startsWith('*.') ? url.hostname.endsWith(`.${hostname}`) : url.hostname === hostname
  return isName && url.port === port
}
