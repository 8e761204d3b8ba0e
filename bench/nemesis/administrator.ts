import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from './client.ts'
import type { Random } from './random.ts'

const rewrites = join(import.meta.dirname, 'rewrites.ts')
const command = join(import.meta.dirname, '../../bin/latchkey.js')

export interface AdministratorOptions {
  /** The settings of the service. */
  readonly env: NodeJS.ProcessEnv
  readonly names: readonly string[]
  readonly client: Client
  readonly random: Random
}

/** Signs one person after the other out everywhere, by the command: each is a process that opens the stores anew. */
export async function administer(options: AdministratorOptions, signal: AbortSignal): Promise<void> {
  const { env, names, client, random } = options
  while (!signal.aborted) {
    await sleep(random.between(2000, 10_000))
    const person = random.pick(names)
    const begin = performance.now()
    const words = ['--import', rewrites, command, 'sessions', 'end', person, '--all']
    const child = spawn(process.execPath, words, {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
      stdio: 'ignore'
    })
    const [code] = await once(child, 'exit')
    // It may have been done all the same.
    const status = code === 0 ? 200 : 503
    client.note({ what: 'end-person', process: 'the command', person, begin, end: performance.now(), status })
  }
}
