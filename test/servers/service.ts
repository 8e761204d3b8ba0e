import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import './end-children.ts'
import { patientSettings } from './patience.ts'

const root = join(import.meta.dirname, '../..')
/** No start takes so long; one that failed under `--watch` waits for a change for ever. */
const startMilliseconds = 120_000

export interface Service {
  readonly url: string
  /** Its output so far. */
  output(): string
  /** Sends a signal to all its processes: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void
  /** Ctrl-C, or another signal. Resolves when all its processes have ended. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface ServiceOptions {
  readonly env?: Record<string, string>
  /** A shell command, for tests of `npm start` and the like. The default is what that runs. */
  readonly command?: string
  readonly folder?: string
}

/** The service in its own process, stopped when the test ends. */
export async function startService(t: Test, options: ServiceOptions = {}): Promise<Service> {
  const { env = {}, command = behindNpmStart(), folder = root } = options
  const child = spawn(command, {
    cwd: folder,
    env: { ...bareEnvironment(), PORT: '0', ...env },
    shell: true,
    detached: true
  })
  let output = ''
  const ready = new Promise<string>((resolve) => {
    let url: string | undefined
    const hear = (chunk: Buffer) => {
      output += chunk
      url ??= /Latchkey is ready at (\S+?)["\s]/.exec(output)?.[1]
      if (url) resolve(url)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
  })
  // Its streams close when shell, npm and service have all ended.
  const gone = once(child, 'close')
  const tooLate = once(AbortSignal.timeout(startMilliseconds), 'abort')
  const failed = Promise.race([gone, tooLate]).then(() => {
    throw new Error(`The service did not start:\n${output}`)
  })
  // Once it runs, its exit is expected only after `stop`.
  failed.catch(() => {})

  const stop = async (signal: NodeJS.Signals = 'SIGINT') => {
    tell(child, signal)
    await gone
  }
  t.teardown(() => stop())
  const url = await Promise.race([ready, failed])
  return { url, output: () => output, signal: (signal) => tell(child, signal), stop }
}

/** What `npm start` runs, without npm and a shell, which take as long as the service's own start. */
export function behindNpmStart(): string {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return `PATH="${join(root, 'node_modules/.bin')}:$PATH"; exec ${scripts.start}`
}

/**
 * A clean environment without the variables of npm and tap, except those that save time; with a long storage
 * timeout.
 */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH = '', HOME, LANG, NODE_COMPILE_CACHE, npm_config_cache } = process.env
  const path = PATH.split(':').filter((folder) => !folder.includes('node_modules'))
  return {
    PATH: path.join(':'),
    HOME,
    LANG,
    FASTIFY_ADDRESS: '127.0.0.1',
    ...patientSettings,
    ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
    ...(npm_config_cache && { npm_config_cache })
  }
}

/** Signals the whole process group, as a terminal does. */
function tell({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal)
}
