import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Test } from 'tap'
import './end-children.ts'
import { eventually } from './eventually.ts'
import { onTrueClock } from './true-clock.ts'

export interface RedisProcess {
  readonly port: number
  /** Stops it at once, as in a crash. */
  stop(): Promise<void>
  /** Restarts it with the same arguments and these. Resolves when it has loaded its data and answers. */
  start(...more: string[]): Promise<void>
  /** Keeps connections open and answers nothing, until `resume`. */
  pause(): void
  resume(): void
}

/** A running redis-server, removed when the test ends. */
export async function startRedisProcess(
  t: Test,
  port: number,
  args: readonly string[]
): Promise<RedisProcess> {
  let child: ChildProcess | undefined

  const start = async (...more: string[]) => {
    child = spawn('redis-server', [...args, ...more], { stdio: 'ignore', env: onTrueClock() })
    await answering(child, port)
  }
  const stop = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  t.teardown(stop)

  await start()
  return {
    port,
    stop,
    start,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT')
  }
}

/** Waits until this process answers PING: without its port it exits instead. */
async function answering(child: ChildProcess, port: number): Promise<void> {
  const failed = once(child, 'exit').then(() => {
    throw new Error(`redis-server ended before it answered on port ${port}`)
  })
  await Promise.race([eventually(`redis-server at port ${port}`, () => ping(port)), failed])
  // From here on its exit is expected.
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
