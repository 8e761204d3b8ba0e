import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { freePort } from './free-port.ts'

export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Ends it at once, as a crash would. What it acknowledged is on disk. */
  stop(): Promise<void>
  /** Starts it again, on the same port with the same data. Answers when it is done loading and answers. */
  start(settings?: RedisSettings): Promise<void>
  /** Leaves connections open and answers nobody, until `resume`. */
  pause(): void
  resume(): void
  /** CONFIG SET. */
  configure(setting: string, value: string): Promise<void>
  /** How many sessions there are. */
  count(): Promise<number>
}

/** More of redis.conf, over what every Redis here is started with: every write on disk before it is answered. */
export type RedisSettings = Readonly<Record<string, string>>

const everyWriteOnDisk = { save: '', appendonly: 'yes', appendfsync: 'always' }

/** A Redis of the test's own: free port, own folder, gone when the test ends. */
export async function startRedis(t: Test, firstSettings: RedisSettings = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-redis-'))
  const port = await freePort()
  let child: ChildProcess | undefined

  const start = async (settings: RedisSettings = firstSettings) => {
    const own = { port: `${port}`, bind: '127.0.0.1', dir: folder }
    const words = Object.entries({ ...own, ...everyWriteOnDisk, ...settings })
    child = spawn(
      'redis-server',
      words.flatMap(([name, value]) => [`--${name}`, value]),
      { stdio: 'ignore' }
    )
    await answering(child, port)
  }
  const stop = async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }
  }
  // Even where a test ends its process before the teardown.
  const kill = () => void child?.kill('SIGKILL')
  process.once('exit', kill)
  t.teardown(async () => {
    process.off('exit', kill)
    await stop()
    await rm(folder, { recursive: true, force: true })
  })

  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop,
    start,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    configure: async (setting, value) => {
      const redis = new Redis(port)
      await redis.config('SET', setting, value)
      redis.disconnect()
    },
    count: async () => {
      const redis = new Redis(port)
      const keys = await redis.keys('sess:*')
      redis.disconnect()
      return keys.length
    }
  }
}

/** Waits until this very process answers PING: one that could not have the port ends instead. */
async function answering(child: ChildProcess, port: number): Promise<void> {
  const failed = once(child, 'exit').then(() => {
    throw new Error(`redis-server ended before it answered on port ${port}`)
  })
  const deadline = Date.now() + 10_000
  const answered = async () => {
    while (Date.now() < deadline) {
      if (await ping(port)) return
      await sleep(20)
    }
    throw new Error(`redis-server did not answer on port ${port} within 10 s`)
  }
  await Promise.race([answered(), failed])
  // From here on its end is what `stop` asks for.
  failed.catch(() => {})
}

async function ping(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [answer] = await once(socket, 'data')
    return String(answer).startsWith('+PONG')
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
