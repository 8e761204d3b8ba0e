import ipaddr from 'ipaddr.js'

/** Some proxies add the client's port, which differs for each connection. */
const withPort = /^\[?([^\]]+?)\]?:\d+$/

/**
 * One network: an IPv4 address, or the /64 of an IPv6 address, which one household or server has as a whole.
 * An IPv4-mapped IPv6 address counts as IPv4. All that is no address, such as a Unix socket or what a sender made up
 * for a proxy to pass on, is one network together.
 */
export function networkOf(from: string): string {
  const address = withoutPort(from)
  if (!ipaddr.isValid(address)) return ''
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}

/** @returns the address, for records that people read; undefined if it is none */
export function addressIn(from: string | undefined): string | undefined {
  return from !== undefined && ipaddr.isValid(withoutPort(from)) ? from : undefined
}

/** As it is if it has none. */
export function withoutPort(from: string): string {
  return ipaddr.isValid(from) ? from : from.replace(withPort, '$1')
}
