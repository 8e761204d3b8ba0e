import { Readable } from 'node:stream'
import type { Outcome } from './command.ts'

export interface Wish {
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** What is on standard input. */
  readonly input: string
  /** Where it is typed. */
  readonly folder: string
}

// Does one command after another as each would be done by a process of its own, without reading all code again.
process.on('message', async (wish: Wish) => process.send?.(await outcomeOf(wish)))

let commands = 0

async function outcomeOf({ words, env, input, folder }: Wish): Promise<Outcome> {
  process.chdir(folder)
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...words)
  process.exitCode = undefined
  Object.defineProperty(process, 'stdin', { value: Readable.from([input]), configurable: true })
  const [out, err] = [record(process.stdout), record(process.stderr)]
  // Only the command itself is new each time, not what it imports.
  await import(`../../src/cli.ts?${++commands}`)
  return { code: Number(process.exitCode), out: out(), err: err() }
}

/** @returns a way to have what was written since, which nobody else sees */
function record(stream: NodeJS.WriteStream): () => string {
  let written = ''
  stream.removeAllListeners('error')
  const write = stream.write
  stream.write = (chunk: string | Uint8Array) => {
    written += chunk
    return true
  }
  return () => {
    stream.write = write
    return written
  }
}
