import { type ChildProcess, type ChildProcessWithoutNullStreams, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { patientSettings } from '../servers/patience.ts'
import { onTrueClock } from '../servers/true-clock.ts'
import { countsCoverage } from '../tap/children.ts'
import type { Wish } from './many-commands.ts'

export const command = join(import.meta.dirname, '../../src/cli.ts')
export const password = 'correct horse battery staple'

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/**
 * Runs the command with its own database by default; a given password is its standard input. One process runs
 * all commands of a test file, because loading the code takes longer than running it.
 */
export function commandIn(t: Test, env = settings(t), folder = import.meta.dirname) {
  return (words: readonly string[], input = ''): Promise<Outcome> => ask({ words, env, input, folder })
}

/** The same, but each time in a process of its own, which has to exit by itself. */
export function processIn(t: Test, env = settings(t)) {
  return (words: readonly string[], input: string | Uint8Array = ''): Promise<Outcome> => {
    const child = start(['node', command, ...words], env)
    child.stdin.end(input)
    return outcome(child)
  }
}

interface Host {
  readonly child: ChildProcess
  /** Rejects when the process ends. */
  readonly broken: Promise<never>
}

let host: Host | undefined

async function ask(wish: Wish): Promise<Outcome> {
  host ??= startHost()
  const answer = once(host.child, 'message')
  host.child.send(wish)
  const [outcome] = await Promise.race([answer, host.broken])
  return explained(outcome)
}

function startHost(): Host {
  // NODE_OPTIONS may contain paths relative to this folder.
  const env = { ...onTrueClock(), ...countsCoverage }
  const options = { cwd: import.meta.dirname, execArgv: [], env }
  const child = fork(join(import.meta.dirname, 'many-commands.ts'), options)
  const broken = once(child, 'exit').then(([code]) => {
    host = undefined
    throw new Error(`A command broke the process it ran in, which ended with ${code}`)
  })
  // It ends when nobody waits for an answer any more.
  broken.catch(() => {})
  t.teardown(() => child.connected && child.disconnect())
  return { child, broken }
}

/** Each call has a new folder. */
export function settings(t: Test, changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const file = changes.DATABASE_URL === undefined ? join(t.testdir(), 'latchkey.db') : ''
  const ours = { DATABASE_URL: `file:${file}`, REDIS_URL: '', SESSION_SECRET: '', PASSWORD_MIN_LENGTH: '' }
  return { ...onTrueClock(), NO_COLOR: '1', ...patientSettings, ...ours, ...changes }
}

export function start(
  [program = '', ...words]: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd = import.meta.dirname
) {
  const child = spawn(program === 'node' ? process.execPath : program, words, {
    cwd,
    env: { ...env, ...countsCoverage }
  })
  // A command that refuses a name does not read the password and closes the pipe.
  child.stdin.on('error', () => {})
  return child
}

export async function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return explained({ code, out, err })
}

/** A command explains what fails. Nobody should read a stack trace instead. */
function explained(outcome: Outcome): Outcome {
  if (/^ +at .+:\d+:\d+\)?$/m.test(outcome.err)) throw new Error(`A command does not explain ${outcome.err}`)
  return outcome
}
