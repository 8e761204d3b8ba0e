import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
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
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-project-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'app.js'), program)
  writeFileSync(join(folder, 'package.json'), '{}')
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

const runAll = `for (const { folder, port } of JSON.parse(process.env.PROJECTS)) {
  process.env.PORT = port
  require(folder + '/app.js')
}`

/** Runs the projects in one process until the test ends. @returns their addresses */
export async function runProjects(t: Test, folders: readonly string[]): Promise<string[]> {
  const projects = await Promise.all(folders.map(async (folder) => ({ folder, port: `${await freePort()}` })))
  const { PATH = '', NODE_COMPILE_CACHE = '', WITHOUT_FAST_PATH } = process.env
  const args = [...(WITHOUT_FAST_PATH ? ['--import', WITHOUT_FAST_PATH] : []), '--eval', runAll]
  // Without tap's NODE_OPTIONS, which would replace type stripping.
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, ...args], {
    cwd: root,
    env: { PATH, NODE_COMPILE_CACHE, ...patientSettings, PROJECTS: JSON.stringify(projects) }
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const gone = once(child, 'exit')
  t.teardown(async () => {
    child.kill()
    await gone
  })
  const listen = eventually('programs that listen', () => output.split('Listening').length > projects.length)
  const ends = gone.then(() => Promise.reject(new Error(`It ended: ${output}`)))
  await Promise.race([listen, ends])
  ends.catch(() => {})
  return projects.map(({ port }) => `http://127.0.0.1:${port}`)
}
