import { startLoad } from './load.ts'
import type { ServerProcess } from './server-process.ts'

export interface Load {
  readonly path: string
  /** Requests use them in turn. Empty: visitors without a cookie. */
  readonly cookies: readonly string[]
  readonly connections: number
  readonly seconds: number
  /** A text that every response must contain. */
  readonly expected: string
}

export interface Measured {
  /** CPU time of the server for one request, in microseconds. */
  readonly cpu: number
  readonly perSecond: number
  /** In milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly requests: number
}

/** @throws when any response is not 200 or lacks the expected text */
export async function measure(server: ServerProcess, load: Load): Promise<Measured> {
  const times: number[] = []
  let connection = 0
  const before = await server.usage()
  const startedAt = performance.now()
  const { load: running, ended } = startLoad({
    url: server.url + load.path,
    connections: load.connections,
    duration: load.seconds,
    setupClient: (client) => {
      client.setRequests(requestsOf(load.cookies, { connection, connections: load.connections }))
      connection += 1
    },
    verifyBody: (body) => String(body).includes(load.expected)
  })
  running.on('response', (_client, _status, _bytes, milliseconds) => times.push(milliseconds))
  const result = await ended
  const seconds = (performance.now() - startedAt) / 1000
  const after = await server.usage()
  const wrong = result.non2xx + result.mismatches + result.errors + result.timeouts
  if (wrong > 0 || times.length === 0)
    throw new Error(`${wrong} wrong answers of ${times.length} to ${load.path}`)
  const used = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system
  times.sort((one, other) => one - other)
  return {
    cpu: used / times.length,
    perSecond: times.length / seconds,
    p50: times[Math.floor(times.length * 0.5)] ?? 0,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
    requests: times.length
  }
}

/** Each connection has its own share of the cookies, so that all are used. */
function requestsOf(
  cookies: readonly string[],
  { connection, connections }: { connection: number; connections: number }
) {
  const own = cookies.filter((_, index) => index % connections === connection % cookies.length)
  const headers: Record<string, string>[] = own.map((cookie) => ({ cookie, accept: 'text/html' }))
  return (headers.length > 0 ? headers : [{ accept: 'text/html' }]).map((headers) => ({ headers }))
}

/** Signs in so many users. @returns their Cookie headers */
export async function enter({ url }: ServerProcess, count: number): Promise<string[]> {
  const cookies: string[] = []
  for (let n = 0; n < count; n += 1) {
    const response = await fetch(`${url}/enter/person-${n}`, { method: 'POST' })
    if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`)
    cookies.push(
      response.headers
        .getSetCookie()
        .map((set) => set.split(';')[0])
        .join('; ')
    )
  }
  return cookies
}

export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
