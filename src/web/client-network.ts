import ipaddr from 'ipaddr.js'

/** Some proxies add the client's port, which differs for each connection. */
const withPort = /^\[?([^\]]+?)\]?:\d+$/

/**
 * One network: an IPv4 address, or the /64 of an IPv6 address, which one household or server has as a whole.
 * An IPv4-mapped IPv6 address counts as IPv4. Anything else, such as a Unix socket, is one network too.
 */
export function networkOf(from: string): string {
  const address = ipaddr.isValid(from) ? from : from.replace(withPort, '$1')
  if (!ipaddr.isValid(address)) return from
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}
