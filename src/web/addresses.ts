import { isIP } from 'node:net'

/** Where people open this service; '' means not set. */
export function parsePublicUrl(value: string): URL | undefined {
  if (value === '') return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url
  throw new Error(
    `is "${withoutPassword(value)}", it must be the address people open, such as https://login.example.org`
  )
}

export function parseOrigins(value: string): string[] {
  if (value === '') return []
  return value.split(',').map((part) => {
    const url = URL.canParse(part.trim()) ? new URL(part.trim()) : undefined
    if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin
    throw new Error(
      `is "${withoutPassword(value)}", it must be the addresses of sites, such as https://www.example.org`
    )
  })
}

/** Addresses and networks; never "everybody" or a number of hops, which would let anyone forge an address. */
export function parseTrustProxy(value: string): false | string[] {
  if (value === '' || value === 'false') return false
  const proxies = value.split(',').map((proxy) => proxy.trim())
  if (proxies.every(isProxy)) return proxies
  throw new Error(
    `is "${value}", it must be the addresses of the proxies in front: 127.0.0.1, 10.0.0.0/8, loopback, uniquelocal`
  )
}

/** An address as it may be shown, where nothing but the name and password before its host is secret. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z+-]*:)?(\/*).*@/is, '$1$2…@')
}

/** An address of a store as it may be shown: its options may hold a password too. */
export function withoutSecrets(url: string): string {
  return withoutPassword(url.replace(/\?.*$/s, '?…'))
}

/** An address, a network, or one of the names for networks nobody outside is in. */
export function isProxy(proxy: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(proxy)) return true
  const [address = '', bits = '', ...rest] = proxy.split('/')
  const version = isIP(address)
  const isNetwork = proxy.includes('/')
  // Fewer than eight bits would be half the world.
  const narrow = /^\d+$/.test(bits) && Number(bits) >= 8 && Number(bits) <= (version === 4 ? 32 : 128)
  return version !== 0 && rest.length === 0 && (!isNetwork || narrow)
}
