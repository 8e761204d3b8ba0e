import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const log = join(tmpdir(), `redis-${process.pid}-${port}.log`)
  t.teardown(() => rmSync(log, { force: true }))

  const start = async (...more: string[]) => {
    const output = openSync(log, 'a')
    child = spawn('redis-server', [...args, ...more], {
      stdio: ['ignore', output, output],
      env: onTrueClock()
    })
    closeSync(output)
    await answering(child, port, log)
  }
  const stop = async () => {
    if (!child || hasEnded(child)) return
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
async function answering(child: ChildProcess, port: number, log: string): Promise<void> {
  await eventually(`redis-server at port ${port}`, () => hasEnded(child) || ping(port))
  if (!hasEnded(child)) return
  throw new Error(`redis-server ended before it answered on port ${port}:\n${readFileSync(log, 'utf8')}`)
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

async function ping(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
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
