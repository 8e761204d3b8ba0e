import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { eventually } from '../servers/eventually.ts'
import { freePort } from '../servers/free-port.ts'
import { patientSettings } from '../servers/patience.ts'

const root = join(import.meta.dirname, '../..')

export interface Project {
  /** Packages by the names in `require`, and their folders in our node_modules. */
  readonly packages: Readonly<Record<string, string>>
  readonly program: string
}

/** A program in its own folder, with Latchkey and these packages installed. */
export function makeProject(t: Test, { packages, program }: Project): string {
  const folder = t.testdir({ 'app.js': program, 'package.json': '{}' })
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'latchkey'), { recursive: true })
  for (const [name, installed] of Object.entries(packages)) {
    symlinkSync(join(root, 'node_modules', installed), join(modules, name))
  }
  const exports = { './express': './src/express/index.ts' }
  writeFileSync(
    join(modules, 'latchkey/package.json'),
    JSON.stringify({ name: 'latchkey', type: 'module', exports })
  )
  symlinkSync(join(root, 'src'), join(modules, 'latchkey/src'))
  return folder
}

/** Runs a project's app.js until the test ends. @returns its address */
export async function runProject(t: Test, folder: string, env: Record<string, string> = {}): Promise<string> {
  const port = await freePort()
  const { PATH = '', NODE_COMPILE_CACHE = '', WITHOUT_FAST_PATH } = process.env
  const args = WITHOUT_FAST_PATH ? ['--import', WITHOUT_FAST_PATH, 'app.js'] : ['app.js']
  // Without tap's NODE_OPTIONS, which would replace type stripping.
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, ...args], {
    cwd: folder,
    env: { PATH, NODE_COMPILE_CACHE, PORT: `${port}`, ...patientSettings, ...env }
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const gone = once(child, 'exit')
  t.teardown(async () => {
    child.kill()
    await gone
  })
  const listens = eventually('a program that listens', async () => output.includes('Listening'))
  const ends = gone.then(() => Promise.reject(new Error(`It ended: ${output}`)))
  await Promise.race([listens, ends])
  ends.catch(() => {})
  return `http://127.0.0.1:${port}`
}
