import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import argon2 from 'argon2'
import { type ServiceProcess, untilReady } from './start-service.ts'

// Measures how long pages wait while 400 people sign in at the same moment, over connections that are open already: in
// the service, and in a Fastify app of one's own. With the folder of another version, both in turns.
//   node bench/sign-in-burst.ts
//   node bench/sign-in-burst.ts ../before
//   REDIS_URL=redis://localhost:6379 node bench/sign-in-burst.ts
const people = 400
const rounds = 5
/** The burst itself, and what follows at once. */
const watchedMilliseconds = 400
const password = 'correct horse battery'
const here = join(import.meta.dirname, '..')
const [, , other] = process.argv
const folder = isMainThread ? mkdtempSync(join(tmpdir(), 'latchkey-burst-')) : ''

const hostApp = `
  import Fastify from 'fastify'
  const { default: latchkey } = await import(process.cwd() + '/src/index.ts')
  const app = Fastify({ trustProxy: '127.0.0.1' })
  await app.register(latchkey, { databaseUrl: process.env.DATABASE_URL, sessionSecret: process.env.SESSION_SECRET, redisUrl: process.env.REDIS_URL })
  app.get('/page', async () => 'a page of the app')
  console.log('Latchkey is ready at ' + (await app.listen({ port: 0, host: '127.0.0.1' })))`

/** What Fastify needs by itself to take in so many requests. */
const bareApp = `
  import Fastify from 'fastify'
  const app = Fastify()
  app.get('/page', async () => 'a page of the app')
  app.get('/login', async () => 'a form')
  app.post('/login', async () => 'signed in')
  console.log('Latchkey is ready at ' + (await app.listen({ port: 0, host: '127.0.0.1' })))`

const kinds = {
  'Fastify alone': { argsIn: () => ['--input-type=module', '-e', bareApp], page: '/page' },
  'the service': { argsIn: serviceArgs, page: '/login' },
  'an app of one’s own': { argsIn: () => ['--input-type=module', '-e', hostApp], page: '/page' },
  'an app with latchkey/gentle-threads': { argsIn: gentleArgs, page: '/page' }
}

interface Measured {
  readonly name: string
  readonly url: string
  readonly page: string
  readonly stop: () => Promise<void>
  /** p99 of each round, in milliseconds. */
  readonly quiet: number[]
  readonly burst: number[]
  readonly longest: number[]
}

// A thread of its own: sending and receiving a burst blocks an event loop too.
if (isMainThread) {
  try {
    for (const [what, { argsIn, page }] of Object.entries(kinds)) {
      const measured: Measured[] = []
      for (const root of other ? [resolve(other), here] : [here])
        measured.push(await start({ name: `${what}, ${basename(root)}`, root, args: argsIn(root), page }))
      for (let round = 0; round < rounds; round += 1) for (const one of measured) await measure(one)
      for (const one of measured) report(one, measured)
      await Promise.all(measured.map(({ stop }) => stop()))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
} else await burst(workerData)

async function measure({ url, page, quiet, burst, longest }: Measured) {
  quiet.push(p99(await visitFor(url, page, watchedMilliseconds)))
  const thread = new Worker(new URL(import.meta.url), { workerData: url })
  const ended = once(thread, 'exit')
  await once(thread, 'message')
  const visits = visitFor(url, page, watchedMilliseconds)
  thread.postMessage('go')
  const times = await visits
  longest.push(Math.max(...times))
  burst.push(p99(times))
  await ended
}

function report({ name, quiet, burst, longest }: Measured, [first]: readonly Measured[]) {
  const ratio = median(burst) / median(first?.burst ?? burst)
  console.log(
    `${name}: page p99 ${inWords(burst)} ms, without a burst ${inWords(quiet)} ms, the longest ${inWords(longest)} ms; ` +
      `ratio ${ratio.toFixed(2)} (medians of ${rounds} rounds, and all of them)`
  )
}

function inWords(values: readonly number[]): string {
  return `${median(values).toFixed(1)} (${values.map((value) => value.toFixed(0)).join(', ')})`
}

function serviceArgs(root: string): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [program, ...words] = scripts.start.split(' ')
  // Of an earlier version.
  return program === 'fastify' ? [join(root, 'node_modules/fastify-cli/cli.js'), ...words] : words
}

/** An earlier version has no such line to write. */
function gentleArgs(root: string): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const line = exports['./gentle-threads'] ? `import '${join(root, 'src/start/thread-pool.ts')}'` : ''
  return ['--input-type=module', '-e', `${line}\n${hostApp}`]
}

/** All with the same hash. */
async function makeAccounts(root: string, env: NodeJS.ProcessEnv) {
  const passwordHash = await argon2.hash(password, { memoryCost: 12_288, timeCost: 3, parallelism: 1 })
  const rest = { passwordHash, role: 'user', createdAt: new Date(), disabledAt: null, failedAttempts: 0 }
  const lines = Array.from({ length: people }, (_, number) =>
    JSON.stringify({ name: `person-${number}`, ...rest })
  )
  const child = spawn(process.execPath, ['src/cli.ts', 'accounts', 'import'], {
    cwd: root,
    env,
    stdio: ['pipe', 'ignore', 'inherit']
  })
  child.stdin.end(lines.join('\n'))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`The import ended with ${code}`)
}

interface Starting {
  readonly name: string
  readonly root: string
  readonly args: readonly string[]
  readonly page: string
}

async function start({ name, root, args, page }: Starting): Promise<Measured> {
  const env = {
    ...process.env,
    DATABASE_URL: `file:${join(mkdtempSync(join(folder, 'data-')), 'latchkey.db')}`,
    SESSION_SECRET: 'x'.repeat(32),
    TRUST_PROXY: '127.0.0.1',
    PORT: '0',
    FASTIFY_ADDRESS: '127.0.0.1'
  }
  await makeAccounts(root, env)
  const child: ServiceProcess = spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const gone = once(child, 'close')
  const stop = async () => {
    child.kill('SIGKILL')
    await gone
  }
  return { name, page, url: await untilReady(child), stop, quiet: [], burst: [], longest: [] }
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
