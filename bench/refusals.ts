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
  /** GET, or POST with a body, unless given. */
  readonly method?: string
  readonly path: string
  readonly status: number
  /** Each `#` is another number in each request, `@` the cookie of a session that was ended. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const form = { ...page, 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const guess = { username: 'somebody', password: 'a guess like any other' }
const name = { username: 'somebody', password: 'correct horse battery' }

const forged = `latchkey=${'a'.repeat(20)}#.${'b'.repeat(43)}`

const rows: Readonly<Record<string, Request>> = {
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
  // Not at either end: the last row leaves the garbage of large bodies.
  'the sign-in page': { path: '/login', status: 200, headers: page },
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
  'nobody at the dashboard (303)': { path: '/dashboard', status: 303, headers: page },
  'nobody at the API (401)': { path: '/api/sessions', status: 401 },
  'no such page (404), page': { path: '/nowhere', status: 404, headers: page },
  'no such page (404), JSON': { path: '/nowhere', status: 404 },
  'another method (404)': { method: 'DELETE', path: '/login', status: 404, headers: page },
  'OPTIONS (404)': { method: 'OPTIONS', path: '/login', status: 404, headers: page },
  'HEAD of a page': { method: 'HEAD', path: '/login', status: 200, headers: page },
  'HEAD of no page (404)': { method: 'HEAD', path: '/nowhere', status: 404, headers: page },
  'a body of no type that is taken (415), page': {
    path: '/login',
    status: 415,
    headers: { ...page, 'content-type': 'application/xml' },
    body: '<a/>'
  },
  'a body of no type that is taken (415), JSON': {
    path: '/api/session',
    status: 415,
    headers: { 'content-type': 'application/xml' },
    body: '<a/>'
  },
  'a body that is no JSON (400)': { path: '/api/session', status: 400, headers: json, body: '{' },
  'a body without fields (400)': { path: '/api/session', status: 400, headers: json, body: '{}' },
  'a form without fields (400)': { path: '/login', status: 400, headers: form, body: 'a=b' },
  'an address that is none (400)': { path: '/%ff', status: 400, headers: page },
  'too long an address (414)': { path: `/${'a'.repeat(9000)}`, status: 414, headers: page },
  'too large a header (431)': {
    path: '/login',
    status: 431,
    headers: { ...page, 'x-a': 'a'.repeat(17_000) }
  },
  'no longer a cookie (303)': {
    path: '/dashboard',
    status: 303,
    headers: { ...page, cookie: 'latchkey=nonsense#' }
  },
  'a forged signature (303)': {
    path: '/dashboard',
    status: 303,
    headers: { ...page, cookie: forged }
  },
  'many forged cookies (303)': {
    path: '/dashboard',
    status: 303,
    headers: { ...page, cookie: Array(80).fill(forged).join('; ') }
  },
  'many cookies (303)': {
    path: '/dashboard',
    status: 303,
    headers: { ...page, cookie: Array.from({ length: 500 }, (_, n) => `a${n}=%E2%82%AC#`).join('; ') }
  },
  'a long language header': {
    path: '/login',
    status: 200,
    headers: {
      ...page,
      'accept-language': Array.from({ length: 600 }, (_, n) => `x-${n}-#;q=0.${n % 10}`).join()
    }
  },
  'a long accept header': {
    path: '/login',
    status: 200,
    headers: {
      accept: ['text/html', ...Array.from({ length: 500 }, (_, n) => `text/x${n}-#;q=0.${n % 10}`)].join()
    }
  },
  'an ended session (303)': { path: '/dashboard', status: 303, headers: { ...page, cookie: '@' } },
  'an ended session at the gate (401)': { path: '/gate', status: 401, headers: { cookie: '@' } },
  'a long way through proxies': {
    path: '/login',
    status: 200,
    headers: { ...page, 'x-forwarded-for': Array(1000).fill('10.1.1.1').join() }
  },
  'an upgrade (101 refused)': {
    path: '/dashboard',
    status: 303,
    headers: { ...page, connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  },
  'too large a body (413), page': { path: '/login', status: 413, headers: form, body: 'x'.repeat(70_000) },
  'too large a body (413), JSON': { path: '/login', status: 413, headers: json, body: 'x'.repeat(70_000) }
}

let asked = 1000
let ended = ''
const child = startService({
  DATABASE_URL: `file:${folder}/latchkey.db`,
  REGISTRATION: 'open',
  TRUST_PROXY: '127.0.0.1,10.0.0.0/8'
})
const gone = once(child, 'close')
try {
  const service = await untilReady(child)
  ended = await endedSession(service)
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

/** @returns its cookie */
async function endedSession(service: string): Promise<string> {
  const body = JSON.stringify({ ...name, username: 'a person' })
  const answer = await fetch(`${service}/register`, { method: 'POST', headers: json, body })
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  await fetch(`${service}/logout`, { method: 'POST', headers: { cookie } })
  return cookie
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
async function ask(
  service: string,
  { path, headers = {}, body, method = body ? 'POST' : 'GET' }: Request
): Promise<number> {
  asked += 1
  const varied = Object.entries(headers).map(([name, value]) => [
    name,
    value.replaceAll('#', String(asked)).replaceAll('@', ended)
  ])
  const asking = request(new URL(path, service), { agent, method, headers: Object.fromEntries(varied) })
  asking.end(body)
  const [response] = await once(asking, 'response')
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
