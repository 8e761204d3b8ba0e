import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { type RedisProcess, startRedisProcess } from './redis-process.ts'
import { documentedRights, userWith } from './redis-user.ts'
import { steadyNow } from './true-clock.ts'

/** Acknowledged writes are on disk, and there after `stop` and `start`. */
export interface RedisServer extends RedisProcess {
  readonly url: string
  /** CONFIG SET. */
  configure(setting: string, value: string): Promise<void>
  /** The number of sessions. */
  count(): Promise<number>
  /** Its own clock, in milliseconds since 1970. */
  now(): number
  /** Waits until its own clock and `now` have passed this time. */
  until(time: number): Promise<void>
  /** Runs any command on a connection of its own. */
  ask(command: string, ...args: (string | number)[]): Promise<unknown>
}

/** A Redis on a free port with its own folder and a user `latchkey`, removed when the test ends. */
export async function startRedis(t: Test, ...settings: string[]): Promise<RedisServer> {
  const folder = await ownFolder(t)
  const port = await freePort()
  const redis = await startRedisProcess(t, port, [
    ...usual(port, folder),
    ...(settings.includes('--user') ? [] : userWith(documentedRights)),
    ...settings
  ])
  const ask: RedisServer['ask'] = (command, ...args) => askRedis(port, command, ...args)
  const now = await clockOf(port)
  return {
    ...redis,
    url: `redis://127.0.0.1:${port}`,
    ask,
    configure: async (setting, value) => void (await ask('CONFIG', 'SET', setting, value)),
    now,
    // This process's idea of it is behind by as long as the answer took.
    until: async (time) => {
      await eventually('a later time', async () => (await timeOf(port)) > time && now() > time)
    },
    count: async () => [await ask('KEYS', 'sess:*')].flat().length
  }
}

async function timeOf(port: number): Promise<number> {
  const [seconds, microseconds] = [await askRedis(port, 'TIME')].flat().map(Number)
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
}

/** Continues from the server's time, whatever happens to this process's clock. */
async function clockOf(port: number): Promise<() => number> {
  const ahead = (await timeOf(port)) - steadyNow()
  return () => steadyNow() + ahead
}

/** Waits until each replica has all writes that the master has acknowledged. */
export async function replicated(master: number, replicas: readonly number[]): Promise<void> {
  const offset = Number(await infoOf(master, 'master_repl_offset'))
  await eventually('replicas that have everything', async () => {
    // Until its link is up, a server that was a master itself tells the offset that it had then.
    const links = await Promise.all(replicas.map((port) => infoOf(port, 'master_link_status')))
    const offsets = await Promise.all(replicas.map((port) => infoOf(port, 'slave_repl_offset')))
    return links.every((link) => link === 'up') && offsets.every((reached) => Number(reached) >= offset)
  })
}

/** A field of INFO REPLICATION, CLUSTER INFO and the like. */
export async function infoOf(
  port: number,
  name: string,
  command = ['INFO', 'REPLICATION']
): Promise<string | undefined> {
  const [first = '', ...args] = command
  const lines = String(await askRedis(port, first, ...args)).split('\r\n')
  return lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1)
}

/** A folder that is removed when the test ends. */
export async function ownFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-redis-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function askRedis(
  port: number,
  command: string,
  ...args: (string | number)[]
): Promise<unknown> {
  const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => null, commandTimeout: 60_000 })
  redis.on('error', () => {
    // The command fails too, with the reason.
  })
  try {
    return await redis.call(command, ...args)
  } finally {
    redis.disconnect()
  }
}

function usual(port: number, folder: string): string[] {
  const persistence = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']
  return ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, ...persistence]
}
