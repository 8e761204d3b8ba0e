import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../../test/servers/free-port.ts'
import { pinned } from './server-process.ts'

const ends = new Map<Redis, () => void>()

export function stopRedis(redis: Redis): void {
  redis.disconnect()
  ends.get(redis)?.()
}

/** An empty Redis on the load's core, without persistence; it stops with this process. */
export async function startRedis(): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const port = await freePort()
  const settings = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder
  ]
  const child = spawn(...pinned('load', ['redis-server', ...settings]), { stdio: 'ignore' })
  await once(child, 'spawn')
  const end = () => child.kill('SIGKILL')
  process.once('exit', () => {
    end()
    rmSync(folder, { recursive: true })
  })
  const redis = new Redis(port, { maxRetriesPerRequest: null })
  ends.set(redis, end)
  redis.on('error', () => {
    // Not started yet.
  })
  await redis.ping()
  return redis
}

export function urlOf({ options }: Redis): string {
  return `redis://127.0.0.1:${options.port}`
}

/** Commands so far, without heartbeats and the benchmark's own. */
export async function commandsSoFar(redis: Redis): Promise<number> {
  const lines = (await redis.info('commandstats')).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)
  const counted = [...lines].filter(([, command = '']) => !/^(ping|info|hello|client\|.*)$/.test(command))
  return counted.reduce((sum, [, , calls]) => sum + Number(calls), 0)
}
