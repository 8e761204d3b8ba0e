import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'

const root = join(import.meta.dirname, '../..')
const startPatienceMilliseconds = 60_000

export interface Service {
  readonly url: string
  /** All it has printed so far. */
  output(): string
  /** Ctrl-C at the terminal, or another signal. Answers when every process of it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface ServiceOptions {
  readonly env?: Record<string, string>
  /** What is typed into the shell; by default the command behind `npm start`. */
  readonly command?: string
  readonly folder?: string
  /** How long it may take to be ready: more than the usual minute where the command installs first. */
  readonly patienceMilliseconds?: number
}

/** The service as a process of its own, started as people start it and stopped when the test ends. */
export async function startService(t: Test, options: ServiceOptions = {}): Promise<Service> {
  const { env = {}, command = 'npm start', folder = root } = options
  const { patienceMilliseconds = startPatienceMilliseconds } = options
  const child = spawn(command, {
    cwd: folder,
    env: { ...bareEnvironment(), PORT: '0', ...env },
    shell: true,
    detached: true
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  // Its streams close when nobody holds them any more: neither the shell nor npm nor the service.
  const gone = once(child, 'close')

  const stop = async (signal: NodeJS.Signals = 'SIGINT') => {
    tell(child, signal)
    await gone
  }
  t.teardown(() => stop())
  const url = await waitForUrl({ child, output: () => output, patienceMilliseconds })
  return { url, output: () => output, stop }
}

/** As in a fresh terminal: without what npm and tap put into the environment of this test, but for what saves time. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH = '', HOME, LANG, NODE_COMPILE_CACHE, npm_config_cache } = process.env
  const path = PATH.split(':').filter((folder) => !folder.includes('node_modules'))
  return {
    PATH: path.join(':'),
    HOME,
    LANG,
    FASTIFY_ADDRESS: '127.0.0.1',
    ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
    ...(npm_config_cache && { npm_config_cache })
  }
}

/** The whole group, as a terminal does. */
function tell({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal)
}

interface Starting {
  readonly child: ChildProcess
  readonly output: () => string
  readonly patienceMilliseconds: number
}

async function waitForUrl({ child, output, patienceMilliseconds }: Starting): Promise<string> {
  const deadline = Date.now() + patienceMilliseconds
  while (Date.now() < deadline && child.exitCode === null) {
    const [, url] = /Latchkey is ready at (\S+?)["\s]/.exec(output()) ?? []
    if (url) return url
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`The service did not start:\n${output()}`)
}
