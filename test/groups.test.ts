import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'
import { groupsOf, readTest, testFiles, writeGroups } from './groups.ts'

t.test('every test file runs once, in one group', (t) => {
  const files = writeGroups(groupsOf(testFiles(), readTest), t.testdir())
  const imported = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^await import\('(.+)'\)$/gm)].map(([, address = '']) =>
      resolve(dirname(file), address)
    )
  )
  t.same(
    imported.toSorted(),
    testFiles()
      .map((file) => join(import.meta.dirname, file))
      .toSorted()
  )
  t.ok(imported.every((file) => existsSync(file)))
  t.end()
})

t.test('a file shares a group with its folder, with its named group, or with nobody', (t) => {
  const [many, few] = ['many', 'few'].map((folder) =>
    Array.from({ length: folder === 'many' ? 40 : 10 }, (_, index) => `${folder}/${index + 10}.test.ts`)
  ) as [string[], string[]]
  const said = { 'many/a.test.ts': 'slow', 'x/b.test.ts': 'slow', 'few/deep/c.test.ts': 'alone' }
  const files = [...many, ...few, ...Object.keys(said), 'few/deep/d.test.ts', 'e.test.ts']
  const read = (file: string) => (file in said ? `// group: ${Reflect.get(said, file)}\n` : '')
  t.same(
    [...groupsOf(files, read)],
    [
      ['c', ['few/deep/c.test.ts']],
      ['slow', ['many/a.test.ts', 'x/b.test.ts']],
      ['few-to-top', [...few, 'few/deep/d.test.ts', ...many, 'e.test.ts']]
    ]
  )
  t.end()
})

t.test(
  'a file that starts a server for all its tests still runs after an earlier file has ended',
  async (t) => {
    const written = t.testdir({
      node_modules: t.fixture('symlink', join(import.meta.dirname, '../node_modules')),
      'quick.test.ts': `import t from 'tap'
      t.teardown(() => {})
      t.test('quick', async (t) => t.pass())`,
      'slow.test.ts': `import { setTimeout as sleep } from 'node:timers/promises'
      import t from 'tap'
      t.teardown(() => {})
      await sleep(200)
      t.test('slow', async (t) => t.pass())`
    })
    const folder = realpathSync(written)
    const files = ['quick.test.ts', 'slow.test.ts'].map((file) =>
      relative(import.meta.dirname, join(folder, file))
    )
    const [group = ''] = writeGroups(new Map([['both', files]]), join(folder, 'groups'))
    const { status, stdout } = spawnSync(process.execPath, [group], { encoding: 'utf8' })
    t.equal(status, 0, stdout)
    t.match(stdout, /^ok \d - slow/m)
  }
)

t.test('npm run check leaves out only the file that installs packages', (t) => {
  t.same(groupsOf(testFiles(), readTest).get('packages'), ['package.test.ts'])
  t.end()
})

t.test('npm run test:file without a file asks for one and runs nothing', (t) => {
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), '--files'], {
    encoding: 'utf8'
  })
  t.same([status, stderr], [1, 'Which test file? For example: npm run test:file -- test/app.test.ts\n'])
  t.end()
})
