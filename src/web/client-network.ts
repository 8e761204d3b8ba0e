import ipaddr from 'ipaddr.js'

/** Some proxies put the port of the client after its address, and that is another with each connection. */
const withPort = /^\[?([^\]]+?)\]?:\d+$/

/**
 * What counts as one place: an IPv4 address, or the /64 of IPv6 that one household or server has as a whole. An
 * IPv4 address in IPv6 clothes is itself. What is no address, such as a Unix socket, is one place too.
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
