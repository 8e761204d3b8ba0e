import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const root = join(import.meta.dirname, '../..')
const [own = ''] = process.versions.node.split('.')
/** As installed by `npm ci`: not the Node that runs this test. */
const pinned = '#!/bin/sh\necho 23.4.5\n'

/** A project that requires `engine`, with another Node in node_modules/.bin. */
function projectThatNeeds(t: Test, engine: string): string {
  const folder = t.testdir({
    'package.json': JSON.stringify({ name: 'somebodys', engines: { node: engine } }),
    node_modules: { '.bin': { node: pinned } },
    '.ci': {}
  })
  chmodSync(join(folder, 'node_modules/.bin/node'), 0o755)
  cpSync(join(root, '.ci/use-node'), join(folder, '.ci/use-node'))
  return folder
}

const useNode = (folder: string, ...words: string[]) =>
  spawnSync(join(folder, '.ci/use-node'), words, { encoding: 'utf8', env: ownFirst() })

/** This Node comes before the one that npm put there for this test. */
function ownFirst(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` }
}

t.test('npm scripts run on the machine’s Node if it is new enough', async (t) => {
  const folder = projectThatNeeds(t, '>=24')
  t.match(useNode(folder, own), {
    status: 0,
    stdout: `npm scripts run on Node ${process.versions.node}\n`
  })
  const script = ['pkg', 'set', 'scripts.which=node --print process.execPath']
  execFileSync('npm', script, { cwd: folder, env: ownFirst() })
  const which = execFileSync('npm', ['run', '--silent', 'which'], { cwd: folder, encoding: 'utf8' })
  t.equal(which.trim(), process.execPath)
})

t.test('if it is too old they run on the bundled one, and asking for another version fails', async (t) => {
  const folder = projectThatNeeds(t, '>=99')
  t.match(useNode(folder), { status: 0, stdout: 'npm scripts run on Node 23.4.5\n' })
  const asked = useNode(folder, own)
  t.equal(asked.status, 1)
  t.match(asked.stderr, `That is not Node ${own}.`)
  t.equal(readFileSync(join(folder, 'node_modules/.bin/node'), 'utf8'), pinned)
})
