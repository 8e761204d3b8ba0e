import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { decodeText } from '../primitives/text-file.ts'
import { printable } from '../primitives/visible-text.ts'
import { CliError } from './cli-error.ts'

/** Asks twice at a terminal; from a file or pipe reads one line. @throws {CliError} for several lines */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return oneLine(await readInput())
  const password = await ask('Password:')
  if (password === (await ask('Again:'))) return password
  throw new CliError('The two passwords differ. Nothing was changed.')
}

/** @returns all of standard input @throws {CliError} when it is in an unknown encoding */
export async function readInput(): Promise<string> {
  const input = decodeText(await buffer(process.stdin))
  if (input === undefined) throw new CliError('Standard input is not UTF-8 text. Nothing was changed.')
  return input
}

/** A second line is a mistake, such as a file of several passwords: nobody can type it where they sign in. */
function oneLine(input: string): string {
  const line = input.replace(/\r?\n$/, '')
  if (!/[\r\n]/.test(line)) return line
  throw new CliError('Standard input has more than one line, and a password is one. Nothing was changed.')
}

/** Shows nothing of what is typed, not even how long it is. */
async function ask(message: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const input = process.stdin
  const terminal = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  const stopped = new AbortController()
  // Ctrl-C, and Ctrl-D, which closes it.
  terminal.on('SIGINT', () => stopped.abort())
  terminal.on('close', () => stopped.abort())
  // To stderr, so that the prompt is visible even when the output is redirected.
  process.stderr.write(`${message} `)
  try {
    return await terminal.question('', { signal: stopped.signal })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

export interface Question {
  /** A sentence that tells what will happen. */
  readonly what: string
  /** Whether --yes was given. */
  readonly yes: boolean
}

/** @throws {CliError} unless the user confirms, at the terminal or with --yes */
export async function confirm({ what, yes }: Question): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY) throw new CliError(`${what} To confirm, add --yes.`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal
    .question(`${printable(what)} Continue? (y/N) `)
    .finally(() => terminal.close())
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was changed.')
}

/** Whether the user pressed Ctrl-C. */
export function isInterrupted({ name }: Error): boolean {
  return name === 'AbortError'
}

/** Ctrl-C, a stop by a supervisor, or a reader of the output who has gone: then a command that would go on ends by itself. */
export function whenInterrupted(): AbortSignal {
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
  process.stdout.once('error', stop)
  return stopped.signal
}
