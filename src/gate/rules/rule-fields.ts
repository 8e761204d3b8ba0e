import { domainToASCII } from 'node:url'
import type { FactorCount } from '../../errors/proof-errors.ts'
import { parseDuration } from '../../primitives/durations.ts'
import { isProxy } from '../../web/addresses.ts'
import { withoutPort } from '../../web/client-network.ts'
import { trustProxies } from '../../web/trusted-proxies.ts'
import { type PathPattern, pathPattern } from './path-pattern.ts'
import { pathReadings } from './path-readings.ts'
import type { Rule } from './rule.ts'

// Each throws an Error with a message that completes a sentence starting with the name of the field.

/** `app.example.org`, `*.example.org`, `*`. Ports make no difference at the gate: a client chooses what it sends in Host. */
export function parseHost(text: string): string {
  if (text === '*') return text
  if (/:\d+$/.test(text))
    throw new Error(`is "${text}", it must be without a port: a rule is about every port`)
  const [, wildcard = '', typed = ''] = /^(\*\.)?(.*)$/.exec(text) ?? []
  const name = /[/?#@\\:\s*]/.test(typed) ? '' : domainToASCII(typed)
  if (/^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$/.test(name))
    return wildcard + name
  throw new Error(
    `is "${text}", it must be a host such as app.example.org, or '*.example.org' for all below it`
  )
}

// `/admin` with everything beneath it, `/users/*/photo`, `/**/private`.
export function parsePath(text: string): PathPattern {
  if (!text.startsWith('/')) throw new Error(`is "${text}", it must begin with a slash, such as /admin`)
  if (/[%?#;\\]/.test(text))
    throw new Error(`is "${text}", it must be the path as people read it: without a query, %, ; or \\`)
  if (/[^/]\*\*|\*\*[^/]/.test(text))
    throw new Error(`is "${text}", and ** stands for whole segments: /**/private`)
  const readings = pathReadings(encodeURI(text.replaceAll('*', 'x')))
  if (readings?.exact.length !== 1)
    throw new Error(`is "${text}", it must be without //, /./, /../ and dots at an end`)
  return pathPattern(text)
}

/** A method; HEAD belongs to GET. */
export function parseMethod(text: string): string[] {
  if (!/^[a-z-]{1,32}$/i.test(text)) throw new Error(`is "${text}", it must be a method such as GET or POST`)
  const method = text.toUpperCase()
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}

/** `192.168.0.0/16`, `2001:db8::/32`, an address, `loopback`, `linklocal`, `uniquelocal`. */
export function parseNetwork(text: string): string {
  if (isProxy(text)) return text
  throw new Error(
    `is "${text}", it must be an address or a network: 192.0.2.7, 192.168.0.0/16, 2001:db8::/32, uniquelocal`
  )
}

export function isFromNetworks(networks: readonly string[]): (address: string) => boolean {
  const isIn = trustProxies(networks)
  return (address) => isIn(withoutPort(address), 0)
}

export function parseFactors(text: string): FactorCount {
  if (text === '1' || text === '2') return text === '1' ? 1 : 2
  if (text === 'phishing-resistant') return text
  throw new Error(`is "${text}", it must be 1, 2 or phishing-resistant`)
}

export function parseWithin(text: string): string {
  parseDuration(text)
  return text
}

export function parseThen(text: string): Rule['then'] {
  if (text === 'allow' || text === 'deny') return text
  throw new Error(`is "${text}", it must be allow or deny`)
}
