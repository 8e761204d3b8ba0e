import ipaddr from 'ipaddr.js'

/**
 * What counts as one place: an IPv4 address, or the /64 of IPv6 that one household or server has as a whole. An
 * IPv4 address in IPv6 clothes is itself. What is no address, such as a Unix socket, is one place too.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}
