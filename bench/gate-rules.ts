import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../src/database/database.ts'
import { Groups } from '../src/groups/groups.ts'
import { GroupsStore } from '../src/groups/groups-store.ts'
import { readConfig } from '../src/settings/config.ts'
import { commandsSoFar, startRedis, stopRedis, urlOf } from './side-by-side/redis-process.ts'
import { type ServiceProcess, startService } from './start-service.ts'

// Measures what an answer of the gate costs with 1,000 rules for 500 hosts and a person in 200 groups, as CPU time of the service
// beside one without rules and groups, and how often either asks Redis. It reads the CPU time from /proc, so it runs on Linux only.
//   node bench/gate-rules.ts
const rounds = Number(process.env.ROUNDS ?? 60)
const answers = 500
const atOnce = 16
const folder = mkdtempSync(join(tmpdir(), 'latchkey-gate-rules-'))
const proxied = { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' }

const rules = Array.from({ length: 500 }, (_, host) => [
  `- { host: app${host}.example.org, path: /admin, who: [admins${host}, admin], factors: 2 }`,
  `- { host: app${host}.example.org, who: [others${host}, group${host % 200}] }`
])
writeFileSync(join(folder, 'gate.yaml'), rules.flat().join('\n'))

interface Gate {
  readonly child: ServiceProcess
  readonly port: number
  readonly cookie: string
  readonly agent: Agent
}

async function open(name: string, env: Record<string, string>, groupCount: number): Promise<Gate> {
  const DATABASE_URL = `file:${folder}/${name}.db`
  const port = await freePort()
  const child = startService({
    ...env,
    DATABASE_URL,
    PORT: String(port),
    REDIS_PREFIX: `${name}:`,
    PUBLIC_URL: 'https://login.example.org',
    TRUST_PROXY: 'loopback',
    COOKIE_DOMAIN: 'example.org',
    GATE_HOSTS: '*.example.org',
    REGISTRATION: 'open',
    LOG_LEVEL: 'warn'
  })
  child.stdout.resume()
  await untilHealthy(port)
  const answer = await fetch(`http://127.0.0.1:${port}/register`, {
    method: 'POST',
    headers: { ...proxied, 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'alice', password: 'correct horse battery' })
  })
  if (!answer.ok) {
    child.kill()
    throw new Error(`POST /register was answered ${answer.status}: ${await answer.text()}`)
  }
  const [cookie = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? []
  await joinGroups(DATABASE_URL, groupCount)
  return { child, port, cookie, agent: new Agent({ keepAlive: true, maxSockets: atOnce }) }
}

async function joinGroups(DATABASE_URL: string, count: number): Promise<void> {
  const { database: address } = readConfig({ DATABASE_URL })
  const database = await openDatabase(address, { onLost: console.error, onBack() {} })
  const groups = new Groups({ store: new GroupsStore(database.sql), tell: async () => {} })
  const { id } = await database.sql.selectFrom('accounts').select('id').executeTakeFirstOrThrow()
  for (let number = 0; number < count; number++) {
    await groups.add(`group${number}`)
    await groups.join(id, `group${number}`)
  }
  await database.close()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

async function untilHealthy(port: number): Promise<void> {
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/health/live`).then(
      ({ ok }) => ok,
      () => false
    )
  while (!(await isUp())) await sleep(50)
}

/** Microseconds of CPU an answer. */
async function costOf(gate: Gate): Promise<number> {
  const before = cpuSeconds(gate)
  let left = answers
  const work = async () => {
    while (left-- > 0) await ask(gate, left)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return ((cpuSeconds(gate) - before) / answers) * 1e6
}

async function ask({ port, cookie, agent }: Gate, number: number): Promise<void> {
  const headers = {
    ...proxied,
    cookie,
    'x-forwarded-method': 'GET',
    'x-forwarded-host': `app${number % 200}.example.org`,
    'x-forwarded-uri': `/notes/${number}?page=2`
  }
  const sent = request({ port, path: '/gate', headers, agent }).end()
  const [answer] = await once(sent, 'response')
  if (answer.statusCode !== 204) throw new Error(`The gate answered ${answer.statusCode}`)
  answer.resume()
  await once(answer, 'end')
}

/** Of all threads, to the nanosecond: the ticks of `stat` are too coarse. */
function cpuSeconds({ child }: Gate): number {
  const tasks = `/proc/${child.pid}/task`
  const nanoseconds = readdirSync(tasks).map((task) =>
    Number(readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')[0])
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9
}

const quantile = (numbers: number[], share: number) =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length * share)] ?? 0
/** Of the cheapest tenth of the rounds: other work on the machine only adds. */
const least = (numbers: number[]) => quantile(numbers, 0.1)

const redis = await startRedis()
try {
  for (const [store, env] of Object.entries({ embedded: {}, Redis: { REDIS_URL: urlOf(redis) } })) {
    const none = await open(`${store}-none`, env, 0)
    const some = await open(`${store}-rules`, { ...env, GATE_RULES: join(folder, 'gate.yaml') }, 200)
    const costs: [number, number][] = []
    let asked = 0
    for (let round = 0; round < rounds + 2; round++) {
      const costOfNone = await costOf(none)
      const commands = await commandsSoFar(redis)
      const pair: [number, number] = [costOfNone, await costOf(some)]
      // The first ones warm up.
      if (round < 2) continue
      costs.push(pair)
      asked += (await commandsSoFar(redis)) - commands
    }
    const [one, other] = [least(costs.map(([cost]) => cost)), least(costs.map(([, cost]) => cost))]
    const ratios = costs.map(([cost, more]) => more / cost)
    const [low, ratio, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(2))
    console.log(
      `${store}: ${one.toFixed(0)} µs without, ${other.toFixed(0)} µs with: ${(other / one).toFixed(2)} times at its least, ` +
        `${ratio} in the middle (half of the rounds: ${low} to ${high}). ` +
        `${asked} commands to Redis, heartbeats included, in ${rounds * answers} answers`
    )
    for (const { child, agent } of [none, some]) {
      agent.destroy()
      child.kill()
      await once(child, 'close')
    }
  }
} finally {
  stopRedis(redis)
  rmSync(folder, { recursive: true })
}
