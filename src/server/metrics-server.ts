import { once } from 'node:events'
import { lstat, unlink } from 'node:fs/promises'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { ConfigError } from '../errors/errors.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { type MetricsAddress, writtenAddress } from '../metrics/metrics-address.ts'
import { createServer } from '../web/http.ts'

export interface MetricsServer {
  /** With the port that was chosen for port 0. */
  readonly address: MetricsAddress
  close(): Promise<void>
}

/**
 * Serves `GET /metrics` at an address of its own, and nothing else. Whoever can connect may read.
 * @throws {ConfigError} if it cannot listen there
 */
export async function openMetricsServer(address: MetricsAddress, metrics: Metrics): Promise<MetricsServer> {
  const server = createServer((request, response) => void answer(request, response, metrics))
  try {
    await listen(server, address)
  } catch (error) {
    const why = error instanceof Error ? error.message : error
    throw new ConfigError([`METRICS_LISTEN is ${writtenAddress(address)}, and listening there fails: ${why}`])
  }
  return {
    address: 'path' in address ? address : { ...address, port: (server.address() as AddressInfo).port },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics
): Promise<void> {
  const isThere = url?.split('?')[0] === '/metrics' && (method === 'GET' || method === 'HEAD')
  const body = isThere ? await metrics.text() : 'Metrics are at /metrics.\n'
  const type = isThere ? metrics.contentType : 'text/plain; charset=utf-8'
  response.writeHead(isThere ? 200 : 404, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff'
  })
  response.end(body)
}

async function listen(server: Server, address: MetricsAddress): Promise<void> {
  try {
    await once(server.listen(address), 'listening')
  } catch (error) {
    if (!('path' in address) || !(await isLeftOver(address.path))) throw error
    await unlink(address.path)
    await once(server.listen(address), 'listening')
  }
}

/**
 * Whether a socket is there on which nobody listens: its process was killed. A file is none, although connecting to
 * it is refused in the same way, and neither is a link.
 */
async function isLeftOver(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}
