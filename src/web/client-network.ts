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

/**
 * What one customer of a provider has at most: the /24 of an IPv4 address, the /48 of an IPv6 address (RFC 6177). For what
 * somebody with thousands of networks must not take from others.
 */
export function widerNetworkOf(from: string): string {
  const network = networkOf(from)
  if (network === '') return network
  const [, first, second, third] = /^(\w+)[.:](\w+)[.:](\w+)/.exec(network) ?? []
  return network.includes(':') ? `${first}:${second}:${third}::/48` : `${first}.${second}.${third}.0/24`
}

/** @returns the address, for records that people read; undefined if it is none */
export function addressIn(from: string | undefined): string | undefined {
  return from !== undefined && ipaddr.isValid(withoutPort(from)) ? from : undefined
}

/** As it is if it has none. */
export function withoutPort(from: string): string {
  return ipaddr.isValid(from) ? from : from.replace(withPort, '$1')
}
