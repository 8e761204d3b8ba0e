import { BlockList, isIP } from 'node:net'
import { isProxy } from '../web/addresses.ts'

/** Network names, as in TRUST_PROXY. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']
}

/**
 * The clients that may read /metrics: addresses and networks; none for `off`.
 * @throws {Error} with a message that completes a sentence starting with the name of the setting
 */
export function parseReaders(value: string): readonly string[] {
  if (value === 'off') return []
  const readers = value.split(',').map((localizer) => localizer.trim())
  if (readers.every(isProxy)) return readers
  throw new Error(
    `is "${value}", it must be off or the addresses of those who may read: 127.0.0.1, 10.0.0.0/8, loopback, uniquelocal`
  )
}

/** Returns a function that tells whether an address may read. */
export function isReader(readers: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of readers.flatMap((localizer) => named[localizer] ?? [localizer])) {
    const [address = '', bits] = network.split('/')
    const family = familyOf(address)
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
