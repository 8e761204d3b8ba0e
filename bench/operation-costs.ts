import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Fastify, { type InjectOptions } from 'fastify'
import type { Redis } from 'ioredis'
import pg from 'pg'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { Passwords } from '../src/accounts/passwords.ts'
import { openDatabase } from '../src/database/database.ts'
import { serverOptions } from '../src/server/server-options.ts'
import { sessionCookie, valuePrefix } from '../src/sessions/cookie/session-cookie.ts'
import { newSessionId } from '../src/sessions/session-keys.ts'
import { Sessions } from '../src/sessions/sessions.ts'
import { RedisStore } from '../src/sessions/stores/redis-store.ts'
import { readConfig } from '../src/settings/config.ts'
import { cpuOf, postgresProcess } from './postgres-cpu.ts'
import { commandsSoFar, startRedis, stopRedis, urlOf } from './side-by-side/redis-process.ts'

// Measures what each thing that people do costs the process, Redis and PostgreSQL, what a process costs that nobody asks
// anything, and how many bytes a process and Redis need to remember what the process has read. Without sockets to the clients.
// The CPU of PostgreSQL is read from /proc, so it must run on the same machine, and on Linux.
//   DATABASE_URL=postgres://localhost/empty node bench/operation-costs.ts
//   COUNT=2000 DATABASE_URL=postgres://localhost/empty node bench/operation-costs.ts
const count = Number(process.env.COUNT ?? 500)
const remembered = 20_000
const password = 'correct horse battery'
const redis = await startRedis()
const config = readConfig({
  ...process.env,
  REDIS_URL: urlOf(redis),
  SESSION_SECRET: 'x'.repeat(32),
  SESSION_CACHE: String(2 * remembered),
  // A busy machine answers late.
  STORAGE_PATIENCE: '10s'
})
// Required when the service is loaded.
Object.assign(process.env, { REDIS_URL: urlOf(redis), SESSION_SECRET: 'x'.repeat(32) })
const { default: latchkey } = await import('../src/app.ts')
setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

let queries = 0
const { query } = pg.Client.prototype
pg.Client.prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
  queries += 1
  return Reflect.apply(query, this, parameters)
}
const [here, elsewhere, onceMore] = [await open(), await open(), await open()]
if (config.database.kind !== 'postgres') throw new Error('DATABASE_URL is no PostgreSQL')
const server = await postgresProcess(config.database.url)

interface Used {
  readonly at: number
  /** Microseconds of CPU: of the main thread, of all threads, of Redis, of PostgreSQL. */
  readonly thread: number
  readonly process: number
  readonly redis: number
  readonly postgres: number
  readonly commands: number
  readonly queries: number
  /** Bytes that Redis uses. */
  readonly memory: number
}
type Costs = Omit<Used, 'at'>

const names = await makeAccounts()
console.log(
  '| µs of CPU, each | main thread | all threads | Redis | PostgreSQL | commands | statements | bytes left in Redis |\n|---|---|---|---|---|---|---|---|'
)
const idle = await idleCosts()
const cookies: string[] = []
await each('warm up', signIn, { silent: true })
await each('a sign-in', signIn)
await each('the first page in another process', (n) => page(elsewhere, n))
await each('the next pages', (n) => page(elsewhere, n))
await each('a sign-out', (n) =>
  ask(here, { method: 'POST', url: '/logout', headers: { cookie: cookies[n] ?? '' } })
)
await each('signing in again', signIn, { silent: true })
await each('a sign-out everywhere', (n) =>
  ask(here, { method: 'DELETE', url: '/api/sessions', headers: { cookie: cookies[n] ?? '' } })
)
await each('a wrong password', (n) => wrong(n))
await memories()
await Promise.all([here, elsewhere, onceMore].map((app) => app.close()))
stopRedis(redis)

async function open() {
  const app = Fastify({ ...serverOptions(config), logger: { level: 'fatal' } })
  await app.register(latchkey, { config })
  await app.ready()
  return app
}
type App = Awaited<ReturnType<typeof open>>

async function makeAccounts(): Promise<string[]> {
  const database = await openDatabase(config.database, { onLost: console.error, onBack() {} })
  const accounts = new AccountsStore(database)
  const passwordHash = await new Passwords(config.passwordHash).hash(password)
  const made = Array.from({ length: count }, (_, index) => `person-${process.pid}-${index}`)
  for (const name of made) await accounts.insert({ name, key: name, passwordHash })
  await database.close()
  return made
}

async function signIn(n: number): Promise<void> {
  const payload = { username: names[n], password }
  const set = (await ask(here, { method: 'POST', url: '/api/session', payload })).headers['set-cookie']
  cookies[n] = [set ?? []]
    .flat()
    .map((line) => String(line).split(';')[0])
    .join('; ')
}

async function wrong(n: number): Promise<void> {
  // From everywhere: who guesses from one address is refused after ten.
  const remoteAddress = `198.51.${n >> 8}.${n & 255}`
  const payload = { username: names[n], password: `not ${password}` }
  await ask(here, { method: 'POST', url: '/api/session', payload, remoteAddress }, 401)
}

function page(app: App, n: number) {
  return ask(app, { method: 'GET', url: '/dashboard', headers: { cookie: cookies[n] ?? '' } })
}

async function ask(app: App, question: InjectOptions, wanted = 200) {
  const answer = await app.inject(question)
  if (answer.statusCode !== wanted) throw new Error(`${question.url} was answered ${answer.statusCode}`)
  return answer
}

/** Eight at a time, because what comes in one turn of the event loop shares commands and commits. */
async function each(
  what: string,
  step: (n: number) => Promise<unknown>,
  { silent = false } = {}
): Promise<void> {
  const before = await used()
  for (let n = 0; n < count; n += 8)
    await Promise.all(Array.from({ length: Math.min(8, count - n) }, (_, index) => step(n + index)))
  const after = await used()
  if (!silent) row(what, (key) => (after[key] - before[key] - idle[key] * (after.at - before.at)) / count)
}

/** A second of all three apps. */
async function idleCosts(): Promise<Costs> {
  await sleep(1500)
  const before = await used()
  await sleep(4000)
  const after = await used()
  const costs = (key: keyof Costs) => (after[key] - before[key]) / (after.at - before.at)
  row('a second of a process that nobody asks anything', (key) => (costs(key) * 1000) / 3)
  const keys = ['thread', 'process', 'redis', 'postgres', 'commands', 'queries', 'memory'] as const
  return Object.fromEntries(keys.map((key) => [key, key === 'memory' ? 0 : costs(key)])) as unknown as Costs
}

function row(what: string, of: (key: keyof Costs) => number): void {
  const cpu = (['thread', 'process', 'redis', 'postgres'] as const).map((key) => of(key).toFixed(0))
  const asked = [of('commands').toFixed(1), of('queries').toFixed(1), of('memory').toFixed(0)]
  console.log(`| ${[what, ...cpu, ...asked].join(' | ')} |`)
}

async function used(): Promise<Used> {
  const commands = await commandsSoFar(redis)
  const seconds = [...(await redis.info('cpu')).matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)]
  const [thread, all] = [process.threadCpuUsage(), process.cpuUsage()]
  return {
    at: performance.now(),
    thread: thread.user + thread.system,
    process: all.user + all.system,
    redis: seconds.reduce((sum, [, each]) => sum + Number(each) * 1e6, 0),
    postgres: cpuOf(server),
    commands,
    queries,
    memory: await memoryOfRedis()
  }
}

/** What a process and Redis need to remember sessions that the process has read. */
async function memories(): Promise<void> {
  const store = new RedisStore(redis.duplicate() as Redis)
  const sessions = new Sessions({ store, lifetimes: config.lifetimes, ids: 'hashed' })
  const database = await openDatabase(config.database, { onLost: console.error, onBack() {} })
  const account = await new AccountsStore(database).find(names[0] ?? '')
  await database.close()
  if (!account) throw new Error('the account is gone')
  const own = { user: account.name, account: account.id, accountRole: account.role, epoch: account.version }
  const ids = Array.from({ length: remembered }, () => newSessionId())
  const record = {
    cookie: { originalMaxAge: null },
    ...own,
    accountProofs: sessions.proofs.justNow(['password'])
  }
  for (let made = 0; made < remembered; made += 1000)
    await Promise.all(ids.slice(made, made + 1000).map((id) => sessions.create(id, record)))
  for (const app of [elsewhere, onceMore]) {
    collect()
    const [heap, inRedis] = [process.memoryUsage().heapUsed, await memoryOfRedis()]
    for (const id of ids) {
      const cookie = `${sessionCookie(config).name}=${valuePrefix}${app.sessionTokens.sign(id)}`
      await ask(app, { method: 'GET', url: '/dashboard', headers: { cookie } })
    }
    collect()
    const bytes = [process.memoryUsage().heapUsed - heap, (await memoryOfRedis()) - inRedis].map((all) =>
      (all / remembered).toFixed(0)
    )
    console.log(
      `${app === elsewhere ? 'a process' : 'another process'} has read ${remembered} sessions: ${bytes[0]} bytes each in the process, ${bytes[1]} in Redis`
    )
  }
  const tracked = /^tracking_total_keys:(\d+)/m.exec(await redis.info('stats'))?.[1]
  console.log(`keys in Redis's tracking table: ${tracked}`)
  await sessions.close()
}

async function memoryOfRedis(): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
}
