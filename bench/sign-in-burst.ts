import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { Passwords } from '../src/accounts/passwords.ts'
import { openSqlite } from '../src/database/sqlite.ts'
import { readConfig } from '../src/settings/config.ts'
import { type ServiceProcess, untilReady } from './start-service.ts'

// Measures how long pages wait while 400 people sign in at the same moment, over connections that are open already: in
// the service, and in a Fastify app of one's own.
//   node bench/sign-in-burst.ts
//   REDIS_URL=redis://localhost:6379 node bench/sign-in-burst.ts
const people = 400
const rounds = 3
/** The burst itself, and what follows at once. */
const watchedMilliseconds = 400
const password = 'correct horse battery'
const root = join(import.meta.dirname, '..')
const folder = isMainThread ? mkdtempSync(join(tmpdir(), 'latchkey-burst-')) : ''

const hostApp = `
  import Fastify from 'fastify'
  import latchkey from '${root}/src/index.ts'
  const app = Fastify({ trustProxy: '127.0.0.1' })
  await app.register(latchkey, { databaseUrl: process.env.DATABASE_URL, sessionSecret: process.env.SESSION_SECRET, redisUrl: process.env.REDIS_URL })
  app.get('/page', async () => 'a page of the app')
  console.log('Latchkey is ready at ' + (await app.listen({ port: 0, host: '127.0.0.1' })))`

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const [, ...words] = scripts.start.split(' ')
const kinds = {
  'the service': { args: [join(root, 'node_modules/fastify-cli/cli.js'), ...words], page: '/login' },
  'an app of one’s own': { args: ['--input-type=module', '-e', hostApp], page: '/page' }
}

// A thread of its own: sending and receiving a burst blocks an event loop too.
if (isMainThread) {
  try {
    for (const [what, { args, page }] of Object.entries(kinds)) await measure(what, args, page)
  } finally {
    rmSync(folder, { recursive: true })
  }
} else await burst(workerData)

async function measure(what: string, args: readonly string[], page: string) {
  const file = join(folder, `${what}.db`)
  await makeAccounts(file)
  const child = start(args, file)
  const gone = once(child, 'close')
  try {
    const url = await untilReady(child)
    const quiet = await visitFor(url, page, watchedMilliseconds)
    const worst: number[] = []
    const p99s: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const thread = new Worker(new URL(import.meta.url), { workerData: url })
      const ended = once(thread, 'exit')
      await once(thread, 'message')
      const visits = visitFor(url, page, watchedMilliseconds)
      thread.postMessage('go')
      const times = await visits
      worst.push(Math.max(...times))
      p99s.push(p99(times))
      await ended
    }
    console.log(
      `${what}: page p99 ${median(p99s).toFixed(1)} ms, the longest ${median(worst).toFixed(1)} ms; ` +
        `quiet ${p99(quiet).toFixed(1)} ms (medians of ${rounds} bursts)`
    )
  } finally {
    child.kill('SIGKILL')
    await gone
  }
}

/** All with the same hash. */
async function makeAccounts(file: string) {
  const database = await openSqlite(file)
  const store = new AccountsStore(database.sql)
  const passwordHash = await new Passwords(readConfig({}).passwordHash).hash(password)
  for (let number = 0; number < people; number += 1)
    await store.insert({ name: `person-${number}`, key: `person-${number}`, passwordHash })
  await database.close()
}

function start(args: readonly string[], file: string): ServiceProcess {
  const env = {
    ...process.env,
    DATABASE_URL: `file:${file}`,
    SESSION_SECRET: 'x'.repeat(32),
    TRUST_PROXY: '127.0.0.1',
    PORT: '0',
    FASTIFY_ADDRESS: '127.0.0.1'
  }
  return spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Opens the connections, then signs everybody in over them at once. */
async function burst(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: people })
  const ask = async (path: string, number: number, body?: string) => {
    // Everybody has a different address, which the test sends as a proxy would.
    const headers = {
      'content-type': 'application/json',
      'x-forwarded-for': `10.0.${number >> 8}.${number & 255}`
    }
    const asking = request(new URL(path, url), { agent, method: body ? 'POST' : 'GET', headers })
    asking.end(body)
    const [response] = await once(asking, 'response')
    response.resume()
    await once(response, 'end')
  }
  const all = (step: (number: number) => Promise<void>) =>
    Promise.all(Array.from({ length: people }, (_, number) => step(number)))
  await all((number) => ask('/login', number))
  const go = once(parentPort as MessagePort, 'message')
  parentPort?.postMessage('ready')
  await go
  await all((number) => ask('/login', number, JSON.stringify({ username: `person-${number}`, password })))
  agent.destroy()
}

/** One visitor after another over one connection. @returns how long each took */
async function visitFor(url: string, page: string, milliseconds: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times: number[] = []
  const until = performance.now() + milliseconds
  while (performance.now() < until) {
    const begun = performance.now()
    const asking = request(new URL(page, url), { agent })
    asking.end()
    const [response] = await once(asking, 'response')
    response.resume()
    await once(response, 'end')
    times.push(performance.now() - begun)
    await sleep(2)
  }
  agent.destroy()
  return times
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? Number.NaN
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
