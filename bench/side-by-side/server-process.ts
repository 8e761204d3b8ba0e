import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Usage {
  readonly cpu: NodeJS.CpuUsage
  /** In bytes. */
  readonly rss: number
}

/** A server of bench/servers/ in its own process. */
export interface ServerProcess {
  readonly url: string
  usage(): Promise<Usage>
  stop(): Promise<void>
}

const canPin = spawnSync('taskset', ['-p', `${process.pid}`]).status === 0
/** One core for the measured server, the other for load and Redis. */
const cores = { server: '0', load: '1' } as const

/** How processes are pinned, for the report. */
export const pinning = canPin
  ? 'servers on core 0; load and Redis on core 1 (taskset)'
  : 'not pinned: there is no taskset'

export function pinLoad(): void {
  if (canPin) spawnSync('taskset', ['-a', '-p', '-c', cores.load, `${process.pid}`])
}

/** The command line that runs a command on one core. */
export function pinned(core: keyof typeof cores, command: readonly string[]): [string, string[]] {
  const [program = '', ...args] = canPin ? ['taskset', '-c', cores[core], ...command] : command
  return [program, args]
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export async function startServer(name: string, env: Record<string, string>): Promise<ServerProcess> {
  const file = join(import.meta.dirname, 'servers', `${name}.ts`)
  const child = spawn(...pinned('server', [process.execPath, file]), {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
  running.add(child)
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`)))
  const [{ url }] = await Promise.race([once(child, 'message'), failed])
  failed.catch(() => running.delete(child))
  const usage = async (): Promise<Usage> => {
    const answer = once(child, 'message')
    child.send('usage')
    const [used] = await answer
    return used
  }
  const stop = async () => {
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  return { url, usage, stop }
}
