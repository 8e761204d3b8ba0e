import { BlockList, isIP } from 'node:net'

/** A request, as far as it tells where it comes from. */
export interface ReceivedRequest {
  /** Of the socket. */
  readonly remoteAddress: string | undefined
  /** Where the server listens; undefined: nowhere, as in a test. */
  readonly listening: string | undefined
  readonly httpVersion: string
  readonly headers: Readonly<Record<string, unknown>>
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** What proxies add, whoever set them up. */
const ofProxies = /^(forwarded|via|x-real-ip|x-forwarded-.+|x-original-.+)$/

/** Whether an address, or a host as in `URL.hostname`, is of this machine alone. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '')
  const version = isIP(address)
  if (version === 0) return /^(.+\.)?localhost$/.test(address)
  return loopback.check(address, version === 4 ? 'ipv4' : 'ipv6')
}

/**
 * Whether somebody at this machine sent a request: the server listens here alone, and no proxy has passed it on. A proxy may
 * add no header and name this server as the host: nginx does, over HTTP/1.1 since 1.29.7. So a browser's own `Connection` is
 * asked for, which no proxy passes on (RFC 9110 §7.6.1); whoever is behind one cannot have it sent.
 */
export function isLocal({ remoteAddress = '', listening, httpVersion, headers }: ReceivedRequest): boolean {
  if (!isLoopback(remoteAddress) || (listening !== undefined && !isLoopback(listening))) return false
  if (httpVersion !== '1.1' || String(headers.connection).toLowerCase() !== 'keep-alive') return false
  if (Object.keys(headers).some((name) => ofProxies.test(name))) return false
  const host = URL.parse(`http://${String(headers.host ?? '')}`)
  return host !== null && isLoopback(host.hostname)
}
