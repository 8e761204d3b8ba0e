import { isIP } from 'node:net'
import { isHostName } from './host-names.ts'
import { isPlainPath } from './public-paths.ts'

/** The public address of the service, perhaps with a path; '' means not set. */
export function parsePublicUrl(value: string): URL | undefined {
  if (value === '') return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url && /^https?:$/.test(url.protocol) && isPlaceOnly(url)) return url
  throw new Error(
    `is "${withoutPassword(value)}", it must be the address people open, such as https://login.example.org or https://example.org/auth`
  )
}

/** Host and path, nothing else. */
function isPlaceOnly({ href, origin, hostname, pathname }: URL): boolean {
  const isPlain = href === origin + pathname && (pathname === '/' || isPlainPath(pathname))
  return isPlain && isHostName(hostname)
}

/**
 * Addresses and networks, never "everybody" or a number of hops, with which anyone could forge an address.
 */
export function parseTrustProxy(value: string): false | string[] {
  if (value === '' || value === 'false') return false
  const proxies = value.split(',').map((proxy) => proxy.trim())
  if (proxies.every(isProxy)) return proxies
  throw new Error(
    `is "${value}", it must be the addresses of the proxies in front: 127.0.0.1, 10.0.0.0/8, loopback, uniquelocal`
  )
}

/** Addresses for an error message: a password is masked, with or without an `@` after it. */
export function withoutPassword(addresses: string): string {
  return addresses
    .split(',')
    .map((address) => {
      if (isBare(address)) return address
      const scheme = /^\s*[a-z+-]*:\/*/i.exec(address)?.[0] ?? ''
      const host = address.slice(address.lastIndexOf('@'))
      return `${scheme}…${host.startsWith('@') && isBare(host.slice(1)) ? host : ''}`
    })
    .join(',')
}

/** The address of a store, valid, without credentials before the host and parameters after the database. */
export function withoutSecrets(url: string): string {
  // A word, such as off.
  if (url.startsWith('file:') || !url.includes(':')) return url
  // The path of a socket, and a number.
  if (url.startsWith('unix:')) return url.replace(/\/\/[^@/?#]*@/, '//…@')
  const [, scheme = '', user = '', hosts = '', database = '', rest = ''] =
    /^([a-z+-]+:\/\/)([^?#]*@)?([\w.:,[\]-]*)(\/[\w-]*)?(.*)$/is.exec(url) ?? []
  return `${scheme}${user && '…@'}${hosts}${database}${rest && '…'}`
}

/** Whether its only colons are after the scheme and before the port. */
function isBare(address: string): boolean {
  return /^([^@:/]*:)?(\/\/)?(\[[\d:a-f.]*\]|[^@:/?#]*)(:\d{0,5})?([/?#][^@:]*)?$/i.test(address)
}

/** An address, a network, or a name for private networks. */
export function isProxy(proxy: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(proxy)) return true
  const [address = '', bits = '', ...rest] = proxy.split('/')
  // A zone (fe80::1%eth0) is valid on this machine only, and not every program understands it.
  const version = address.includes('%') ? 0 : isIP(address)
  const isNetwork = proxy.includes('/')
  // Fewer than eight bits would be a large part of the internet.
  const narrow = /^\d+$/.test(bits) && Number(bits) >= 8 && Number(bits) <= (version === 4 ? 32 : 128)
  return version !== 0 && rest.length === 0 && (!isNetwork || narrow)
}
