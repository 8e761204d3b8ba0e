import { startLoad } from './load.ts'
import { measure, median } from './measure.ts'
import type { ServerProcess } from './server-process.ts'

const password = 'correct horse battery'
const atOnce = 8
/** One account may sign in 30 times a minute. */
const membersOfEach = 8

export interface SignIns {
  readonly perSecond: number
  readonly rawPerSecond: number
  /** The median of the rounds. */
  readonly share: number
  /** The dashboard's, in milliseconds: alone, and during a storm of sign-ins. */
  readonly quietP99: number
  readonly stormP99: number
}

/** Measures sign-ins against argon2 alone, and the dashboard meanwhile. */
export async function measureSignIns(
  service: ServerProcess,
  raw: ServerProcess,
  { rounds, seconds, cookies }: { rounds: number; seconds: number; cookies: readonly string[] }
): Promise<SignIns> {
  await register(service)
  const signedIn: number[] = []
  const verified: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    signedIn.push(await storm(service, seconds))
    const { perSecond } = (await (await fetch(`${raw.url}/${seconds}`)).json()) as { perSecond: number }
    verified.push(perSecond)
  }
  const dashboard = { path: '/dashboard', cookies, connections: 5, seconds, expected: 'person-' }
  const quiet = await measure(service, dashboard)
  const raging = storm(service, seconds + 1)
  const amid = await measure(service, dashboard)
  await raging
  return {
    perSecond: median(signedIn),
    rawPerSecond: median(verified),
    share: median(signedIn.map((perSecond, round) => perSecond / (verified[round] ?? Number.NaN))),
    quietP99: quiet.p99,
    stormP99: amid.p99
  }
}

async function register({ url }: ServerProcess): Promise<void> {
  const { status } = await fetch(`${url}/members/${atOnce * membersOfEach}`, { method: 'POST' })
  if (status !== 200) throw new Error(`Registering answered ${status}`)
}

/** @returns sign-ins a second */
async function storm({ url }: ServerProcess, seconds: number): Promise<number> {
  let count = 0
  let client = 0
  const { load: running, ended } = startLoad({
    url: `${url}/login`,
    connections: atOnce,
    duration: seconds,
    setupClient: (connection) => {
      const first = client++ * membersOfEach
      connection.setRequests(
        Array.from({ length: membersOfEach }, (_, member) => ({
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ username: `member-${first + member}`, password })
        }))
      )
    },
    verifyBody: (body) => String(body).includes('"user":"member-')
  })
  running.on('response', () => {
    count += 1
  })
  const startedAt = performance.now()
  const { non2xx, mismatches, errors } = await ended
  if (non2xx + mismatches + errors > 0) throw new Error(`${non2xx} of ${count} sign-ins were refused`)
  return count / ((performance.now() - startedAt) / 1000)
}
