import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { bareEnvironment, behindNpmStart } from '../servers/service.ts'

const src = join(import.meta.dirname, '../../src')

/** A process that pretends to be Node 20. */
const pretence =
  'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } })'
const old = `data:text/javascript,${encodeURIComponent(pretence)}`

const refusal = 'Error: Latchkey needs Node 24 or newer, and this is Node 20.1.0.'

for (const entry of ['index.ts', 'express/index.ts', 'cli.ts', '../bin/latchkey.js']) {
  t.test(`on an older Node ${entry} names the version it needs`, async (t) => {
    const child = spawn(process.execPath, ['--import', old, join(src, entry)])
    t.match(await text(child.stderr), refusal)
  })
}

t.test('npm start does too, before it loads TypeScript', async (t) => {
  // Before what the script requires itself.
  const first = join(t.testdir({ 'old.cjs': pretence }), 'old.cjs')
  const child = spawn(behindNpmStart(), {
    cwd: join(src, '..'),
    shell: true,
    env: { ...bareEnvironment(), NODE_OPTIONS: `--require "${first}" --no-strip-types` }
  })
  t.match(await text(child.stderr), refusal)
})

t.test('and the command, in a clone', async (t) => {
  const child = spawn(process.execPath, [
    '--import',
    old,
    '--no-strip-types',
    join(src, '../bin/latchkey.js')
  ])
  t.match(await text(child.stderr), refusal)
})

t.test('this check runs before anything that an older Node lacks', async (t) => {
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue
    t.notMatch(readFileSync(join(src, file), 'utf8'), /^import (?!type).*'node:sqlite'$/m, file)
  }
})
