import { Readable } from 'node:stream'
import type { Outcome } from './command.ts'

export interface Wish {
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Standard input. */
  readonly input: string
  /** The working directory. */
  readonly folder: string
}

// Runs one command after another as if each had its own process, without loading all code again.
process.on('message', async (wish: Wish) => process.send?.(await outcomeOf(wish)))

let commands = 0

async function outcomeOf({ words, env, input, folder }: Wish): Promise<Outcome> {
  process.chdir(folder)
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...words)
  process.exitCode = undefined
  Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(input)]), configurable: true })
  const [out, err] = [record(process.stdout), record(process.stderr)]
  // Only the command itself is loaded anew, not what it imports.
  await import(`../../src/cli.ts?${++commands}`)
  return { code: Number(process.exitCode), out: out(), err: err() }
}

/** @returns a function that returns the output since then, which is not printed */
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
