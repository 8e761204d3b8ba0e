import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const source = new URL('temporary-folder.ts', import.meta.url)

/** A process that makes its folder there, prints the names it sees and does this. */
function run(parent: string, act = '') {
  const words = `import { ownTemporaryFolder } from ${JSON.stringify(source)}
    import { readdirSync } from 'node:fs'
    ownTemporaryFolder(${JSON.stringify(parent)})
    console.log(JSON.stringify(readdirSync(${JSON.stringify(parent)})))
    ${act}`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', words], {
    encoding: 'utf8'
  })
  return JSON.parse(stdout) as string[]
}

t.test('a run leaves no folder behind, or the next run removes it', async (t) => {
  const parent = t.testdir({ 'lk-notes': 'of somebody else' })
  const stays = join(parent, `lk-${process.pid}-abcdef`)
  mkdirSync(stays)

  t.equal(run(parent).length, 3)
  t.equal(readdirSync(parent).length, 2, 'it ended by itself')

  const [killed = ''] = run(parent, "process.kill(process.pid, 'SIGKILL')").filter(
    (name) => name !== 'lk-notes' && !stays.endsWith(name)
  )
  t.ok(existsSync(join(parent, killed)), 'it was killed')
  t.notOk(run(parent).includes(killed))
  t.same(readdirSync(parent).toSorted(), ['lk-notes', stays.slice(parent.length + 1)].toSorted())
})
