import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import argon2 from 'argon2'
import Fastify from 'fastify'
import { serverOptions } from '../src/server/server-options.ts'
import { readConfig } from '../src/settings/config.ts'

// Measures the cost of a sign-in apart from its hash, without sockets.
//   node bench/sign-in-cost.ts: all in one new file
//   REDIS_URL=… node bench/sign-in-cost.ts: sessions and counters in Redis
//   DATABASE_URL=… node bench/sign-in-cost.ts: accounts in an empty PostgreSQL
const rounds = 7
const signIns = 100
const atOnce = 8
/** One account may sign in 30 times a minute. */
const members = 64
const password = 'correct horse battery'
const folder = mkdtempSync(join(tmpdir(), 'latchkey-sign-in-cost-'))
const config = readConfig({
  DATABASE_URL: `file:${folder}/latchkey.db`,
  SESSION_SECRET: 'x'.repeat(32),
  ...process.env,
  REGISTRATION: 'open'
})
// With REDIS_URL a secret is required when the service is loaded.
process.env.SESSION_SECRET ??= 'x'.repeat(32)
const { default: latchkey } = await import('../src/app.ts')
const app = Fastify({ ...serverOptions(config), logger: { level: 'warn' } })
await app.register(latchkey, { config })
for (let member = 0; member < members; member += 1)
  await app.latchkey.accounts.add({ username: `member-${member}`, password })
const { memoryKiB: memoryCost, passes: timeCost, lanes: parallelism } = config.passwordHash
const hash = await argon2.hash(password, { type: argon2.argon2id, memoryCost, timeCost, parallelism })

let signedIn = 0
const alone: Cost[] = []
const whole: Cost[] = []
await costOf(signIn, atOnce)
for (let round = 0; round < rounds; round += 1) {
  // In turns, so that other load on the machine affects both alike.
  alone.push(await costOf(() => argon2.verify(hash, password), config.maxConcurrentHashes))
  whole.push(await costOf(signIn, atOnce))
}
await app.close()
rmSync(folder, { recursive: true })

const share = alone.map(({ wall }, round) => wall / (whole[round]?.wall ?? Number.NaN))
const beside = alone.map(({ thread }, round) => (whole[round]?.thread ?? Number.NaN) - thread)
console.log(`argon2 alone: ${median(alone.map(({ wall }) => wall)).toFixed(2)} ms each`)
console.log(`a sign-in: ${median(whole.map(({ wall }) => wall)).toFixed(2)} ms each`)
console.log(`sign-ins a second: ${median(share).toFixed(3)} of argon2 alone`)
console.log(`beside its hash, of the main thread: ${(median(beside) * 1000).toFixed(0)} µs of CPU a sign-in`)

/** Wall-clock milliseconds and main-thread CPU milliseconds for each run. */
interface Cost {
  readonly wall: number
  readonly thread: number
}

async function costOf(step: () => Promise<unknown>, workers: number): Promise<Cost> {
  const startedAt = performance.now()
  const used = process.threadCpuUsage()
  let left = signIns
  const work = async () => {
    while (left-- > 0) await step()
  }
  await Promise.all(Array.from({ length: workers }, work))
  const { user, system } = process.threadCpuUsage(used)
  return { wall: (performance.now() - startedAt) / signIns, thread: (user + system) / 1000 / signIns }
}

async function signIn(): Promise<void> {
  const payload = { username: `member-${signedIn++ % members}`, password }
  const { statusCode } = await app.inject({ method: 'POST', url: '/login', payload })
  if (statusCode !== 200) throw new Error(`Signing in answered ${statusCode}`)
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
