import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

const root = join(import.meta.dirname, '..')

export type ServiceProcess = ChildProcessByStdio<null, Readable, null>

/** As `npm start` does, which also sets the number of threads for hashing. */
export function startService(env: NodeJS.ProcessEnv): ServiceProcess {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [, ...words] = scripts.start.split(' ')
  return spawn(process.execPath, words, {
    cwd: root,
    env: { ...process.env, SESSION_SECRET: 'x'.repeat(32), PORT: '0', FASTIFY_ADDRESS: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'inherit']
  })
}

/** @returns its address */
export async function untilReady(child: ServiceProcess): Promise<string> {
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    const [, url] = /Latchkey is ready at (http:[^\s"]+)/.exec(String(chunk)) ?? []
    if (!url) continue
    child.stdout.resume()
    return url
  }
  throw new Error('the service did not start')
}
