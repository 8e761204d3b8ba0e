import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import { Redis } from 'ioredis'
import latchkey from '../src/app.ts'
import { readConfig } from '../src/settings/config.ts'
import { signedInCookies } from '../src/testing.ts'
import { freePort } from '../test/servers/free-port.ts'

// Measures how soon the first page comes after Redis is back, beside a bare ioredis client with its own defaults.
//   node bench/after-outage.ts
const outageSeconds = [0.5, 3, 15]
const rounds = 3

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const port = await freePort()
let redis = await startRedis()
const bare = new Redis(port, { maxRetriesPerRequest: null })
bare.on('error', () => {})

const app = Fastify({ logger: { level: 'silent' } })
const config = readConfig({
  DATABASE_URL: 'file::memory:',
  REDIS_URL: `redis://127.0.0.1:${port}`,
  SESSION_SECRET: 'x'.repeat(32),
  // Every page asks Redis.
  SESSION_CACHE: '0'
})
await app.register(latchkey, { config })
const cookies = await signedInCookies(app, 'alice')

try {
  console.log('| outage | first page after Redis answers, ms | bare ioredis connected, ms |\n|---|---|---|')
  for (const seconds of outageSeconds) {
    const pages: number[] = []
    const connections: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      await stopRedis()
      await sleep(seconds * 1000)
      redis = await startRedis()
      const back = performance.now()
      const sinceBack = () => performance.now() - back
      const [page, connected] = await Promise.all([
        until(async () => (await app.inject({ url: '/dashboard', cookies })).statusCode === 200).then(
          sinceBack
        ),
        until(async () => bare.status === 'ready').then(sinceBack)
      ])
      pages.push(page)
      connections.push(connected)
    }
    console.log(`| ${seconds} s | ${inWords(pages)} | ${inWords(connections)} |`)
  }
} finally {
  bare.disconnect()
  await app.close()
  await stopRedis()
  rmSync(folder, { recursive: true })
}

/** Keeps everything on disk, and resolves when it answers. */
async function startRedis(): Promise<ChildProcess> {
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--appendonly', 'yes', '--dir', folder]
  const child = spawn('redis-server', settings, { stdio: 'ignore' })
  await until(answers)
  return child
}

async function stopRedis(): Promise<void> {
  const gone = once(redis, 'exit')
  redis.kill()
  await gone
}

async function answers(): Promise<boolean> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    for await (const answer of socket) return String(answer).startsWith('+PONG')
    return false
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(2)
}

function inWords(milliseconds: readonly number[]): string {
  return milliseconds
    .toSorted((one, other) => one - other)
    .map((each) => each.toFixed(0))
    .join(', ')
}
