import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { filesNamedIn, mapFaults, placesIn } from './map.ts'

const root = join(import.meta.dirname, '..')
const tops = ['src', 'plugins', 'routes', 'views', 'test']
/** These folders and all their subfolders. */
const folders = tops.flatMap((top) => [
  top,
  ...readdirSync(join(root, top), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
])
const noteOf = (folder: string) => {
  const path = join(root, folder, 'README.md')
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function entriesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .filter((name) => name !== 'README.md')
}

/** Tests have the path of what they test. */
function isMirror(entry: string): boolean {
  const source = entry.replace(/\.test\.ts$/, '.ts').replace(/\/$/, '')
  return ['src', '.'].some((top) => existsSync(join(root, top, source)))
}

for (const top of tops) {
  t.test(`${top}/README.md has a row for everything in ${top}/, and no other`, async (t) => {
    const entries = entriesOf(top).filter(
      (entry) => top !== 'test' || !isMirror(entry) || entry === 'examples/'
    )
    t.same(mapFaults(noteOf(top) ?? '', entries), [])
  })
}

t.test('every folder has a README, or a row in its parent’s', async (t) => {
  for (const folder of folders) {
    if (folder.startsWith('test/') && isMirror(folder.slice('test/'.length))) continue
    const around = placesIn(noteOf(dirname(folder)) ?? '')
    t.ok(noteOf(folder) ?? around.includes(`${basename(folder)}/`), folder)
  }
})

t.test('a folder of src/ with subfolders has a row for each', async (t) => {
  for (const folder of folders.filter((folder) => folder.startsWith('src/'))) {
    const inner = entriesOf(folder).filter((entry) => entry.endsWith('/'))
    const said = inner.length > 0 ? placesIn(noteOf(folder) ?? '') : []
    for (const entry of inner) t.ok(said.includes(entry), `${folder}/${entry}`)
  }
})

t.test('every file named in a README exists', async (t) => {
  for (const folder of folders) {
    for (const file of filesNamedIn(noteOf(folder) ?? '')) {
      t.ok(
        [folder, '.', 'test'].some((from) => existsSync(join(root, from, file))),
        `${folder}/README.md names ${file}`
      )
    }
  }
})

t.test('a row without a file, a file without a row and a second row are faults', async (t) => {
  const text = '| here | what |\n|---|---|\n| `a.ts`, `b/` | both |\n| `c.ts` | see `d.ts` |\n'
  t.same(placesIn(text), ['a.ts', 'b/', 'c.ts'])
  t.same(mapFaults(text, ['a.ts', 'b/', 'c.ts']), [])
  t.same(mapFaults(text, ['a.ts', 'c.ts', 'e.ts']), [
    'b/ has a row and is not there',
    'e.ts is there and has no row'
  ])
  t.same(mapFaults(`${text}| \`a.ts\` | again |\n`, ['a.ts', 'b/', 'c.ts']), ['a.ts has two rows'])
})

t.test('only file names count, not other words or settings', async (t) => {
  t.same(
    filesNamedIn(
      '`a.ts`, `../b/`, `../b/c-d.ts`, `routes/api/`, `GET`, `it.site`, `Retry-After`, `30m`, `super()`'
    ),
    ['a.ts', '../b/', '../b/c-d.ts', 'routes/api/']
  )
})
