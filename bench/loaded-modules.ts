import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const notes = join(import.meta.dirname, 'note-modules.ts')
const patience = 60_000

export interface Started {
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** A file to write to. */
  readonly noted: string
  /** Stopped when its output has this; without it, it ends by itself. */
  readonly until?: string
}

/**
 * Runs a program of this repository by Node. @returns the files that it loads as modules, relative to the repository
 * @throws when it ends without the output that is waited for
 */
export async function modulesOf({ words, env, noted, until }: Started): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--import', notes, ...words], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...env, NOTED_MODULES: noted },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patience
  })
  let output = ''
  const hear = (chunk: Buffer) => {
    output += chunk
    // A second signal would end it at once.
    if (until && output.includes(until) && !child.killed) child.kill('SIGTERM')
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const [code] = await once(child, 'close')
  if (code !== 0 || (until && !output.includes(until))) throw new Error(`It ended with ${code}:\n${output}`)
  return JSON.parse(readFileSync(noted, 'utf8'))
}

/** The name of the package that a file belongs to; `ours` for those of this repository. */
export function packageOf(file: string): string {
  return (
    /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? (file.startsWith('node:') ? file : 'ours')
  )
}
