import { isIPv4, isIPv6 } from 'node:net'
import { isAbsolute } from 'node:path'

/** Where metrics are read, as `listen` of a server takes it. */
export type MetricsAddress = { readonly host: string; readonly port: number } | { readonly path: string }

/** The longest path that a Unix socket can have on Linux and macOS, in bytes. */
const longestPath = 103

/**
 * An address with a port, or the path of a Unix socket; '' means not set.
 * @throws {Error} with a message that completes a sentence starting with the name of the setting
 */
export function parseMetricsAddress(text: string): MetricsAddress | undefined {
  if (text === '') return undefined
  if (isAbsolute(text) && Buffer.byteLength(text) <= longestPath) return { path: text }
  const [, v6, v4 = v6, digits = ''] = /^(?:\[([^\]%]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = v4 ?? ''
  const port = Number(digits)
  const isAddress = v6 === undefined ? isIPv4(host) || host === 'localhost' : isIPv6(host)
  if (isAddress && port <= 65_535) return { host, port }
  throw new Error(
    `is "${text}", it must be an address and a port, or the path of a Unix socket of at most ${longestPath} ` +
      'bytes: 127.0.0.1:9464, [::1]:9464, /run/latchkey/metrics.sock'
  )
}

/** As METRICS_LISTEN is written. */
export function writtenAddress(address: MetricsAddress): string {
  if ('path' in address) return address.path
  return `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`
}

/** The address to open; of a Unix socket its path. */
export function metricsUrl(address: MetricsAddress): string {
  return 'path' in address ? address.path : `http://${writtenAddress(address)}/metrics`
}

/** Whether machines other than this one may reach it. */
export function isReachable(address: MetricsAddress): boolean {
  return 'host' in address && !/^(localhost|127\.|::1$)/.test(address.host)
}
