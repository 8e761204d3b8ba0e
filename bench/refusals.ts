import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startService, untilReady } from './start-service.ts'

// Measures what refusing costs the service, as CPU time a request beside that of the sign-in page. It reads the CPU time
// from /proc, so it runs on Linux only.
//   node bench/refusals.ts
//   REDIS_URL=redis://localhost:6379 node bench/refusals.ts
const rounds = 3
const requests = 2000
const atOnce = 16
const ticksPerSecond = 100
const folder = mkdtempSync(join(tmpdir(), 'latchkey-refusals-'))
const agent = new Agent({ keepAlive: true, maxSockets: atOnce })

interface Request {
  readonly path: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const form = { ...page, 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const guess = { username: 'somebody', password: 'a guess like any other' }
const name = { username: 'somebody', password: 'correct horse battery' }

const rows: Readonly<Record<string, Request>> = {
  'the sign-in page': { path: '/login', status: 200, headers: page },
  'a guess (429), page': {
    path: '/login',
    status: 429,
    headers: form,
    body: new URLSearchParams(guess).toString()
  },
  'a guess (429), JSON': { path: '/login', status: 429, headers: json, body: JSON.stringify(guess) },
  'a registration (429), page': {
    path: '/register',
    status: 429,
    headers: form,
    body: new URLSearchParams(name).toString()
  },
  'a registration (429), JSON': { path: '/register', status: 429, headers: json, body: JSON.stringify(name) },
  'the gate (401)': { path: '/gate', status: 401 },
  'another site (403), page': {
    path: '/login',
    status: 403,
    headers: { ...form, 'sec-fetch-site': 'cross-site' },
    body: new URLSearchParams(guess).toString()
  },
  'another site (403), JSON': {
    path: '/login',
    status: 403,
    headers: { ...json, 'sec-fetch-site': 'cross-site' },
    body: JSON.stringify(guess)
  },
  'too large a body (413), page': { path: '/login', status: 413, headers: form, body: 'x'.repeat(70_000) },
  'too large a body (413), JSON': { path: '/login', status: 413, headers: json, body: 'x'.repeat(70_000) }
}

const child = startService({ DATABASE_URL: `file:${folder}/latchkey.db`, REGISTRATION: 'open' })
const gone = once(child, 'close')
try {
  const service = await untilReady(child)
  for (let tries = 0; tries < 12; tries += 1) await ask(service, pick('a guess (429), JSON'))
  for (let names = 0; names < 12; names += 1) {
    const body = JSON.stringify({ ...name, username: `person ${names}` })
    await ask(service, { ...pick('a registration (429), JSON'), body })
  }
  const costs = new Map(Object.keys(rows).map((what) => [what, [] as number[]]))
  for (let round = 0; round <= rounds; round += 1) {
    // Interleaved, so that other load on the machine affects all alike; the first round warms up.
    for (const [what, request] of Object.entries(rows)) {
      const cost = await costOf(service, request)
      if (round > 0) costs.get(what)?.push(cost)
    }
  }
  const signInPage = median(costs.get('the sign-in page') ?? [])
  for (const [what, values] of costs) {
    const middle = median(values)
    console.log(`${what}: ${middle.toFixed(0)} µs of CPU, ratio ${(middle / signInPage).toFixed(2)}`)
  }
} finally {
  child.kill()
  await gone
  rmSync(folder, { recursive: true })
}

function pick(what: string): Request {
  const found = rows[what]
  if (!found) throw new Error(`There is no row "${what}".`)
  return found
}

/** @returns µs of CPU a request */
async function costOf(service: string, what: Request): Promise<number> {
  const before = cpuSeconds()
  let left = requests
  let others = 0
  const work = async () => {
    while (left-- > 0) if ((await ask(service, what)) !== what.status) others += 1
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  // When a wait is over, one attempt is let through.
  if (others > requests / 100) throw new Error(`${what.path} was not answered ${what.status} ${others} times`)
  return ((cpuSeconds() - before) / requests) * 1e6
}

function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** @returns the status */
async function ask(service: string, { path, headers = {}, body }: Request): Promise<number> {
  const asking = request(new URL(path, service), { agent, method: body ? 'POST' : 'GET', headers })
  asking.end(body)
  const [response] = await once(asking, 'response')
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
