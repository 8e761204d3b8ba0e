import { BlockList, isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** More than any request passes: a client may name thousands, and each request would look at all of them. */
const maxProxies = 16

const names: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']
}

/**
 * Which senders of X-Forwarded-* Fastify believes.
 * @param proxies see `isProxy`
 * @returns a function of an address, and of how many proxies are between it and this service
 */
export function trustProxies(proxies: readonly string[]): (address: string, hop: number) => boolean {
  const trusted = new BlockList()
  for (const proxy of proxies.flatMap((proxy) => names[proxy] ?? proxy)) {
    const [address, bits] = networkIn(proxy)
    trusted.addSubnet(address, bits, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return (address, hop) => {
    const version = hop < maxProxies ? isIP(address) : 0
    return version !== 0 && trusted.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
}

/** An IPv4-mapped network is IPv4; so are IPv4-mapped addresses for a BlockList. */
function networkIn(proxy: string): [address: string, bits: number] {
  const [address = '', range] = proxy.split('/')
  const parsed = ipaddr.parse(address)
  const most = parsed.kind() === 'ipv6' ? 128 : 32
  const bits = Number(range ?? most)
  const isMapped = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && bits >= 96
  return isMapped ? [parsed.toIPv4Address().toString(), bits - 96] : [address, bits]
}
