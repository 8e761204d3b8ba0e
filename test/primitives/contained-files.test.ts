import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { containedFiles, containsFile } from '../../src/primitives/contained-files.ts'

/** Beside the folder: a file, and another folder whose name begins like the folder's. */
function folderWithLinks(test: Test): string {
  const place = test.testdir({
    secret: 'x',
    'files-more': { secret: 'x' },
    outer: { 'a.css': 'x' },
    files: {
      'a.css': 'x',
      '.env': 'x',
      '.git': { config: 'x' },
      '..data': { 'mounted.css': 'x' },
      inner: { 'b.css': 'x', '.hidden': 'x' }
    }
  })
  const folder = join(place, 'files')
  const link = (target: string, name: string) => symlinkSync(target, join(folder, name))
  link('../secret', 'relative.css')
  link(join(place, 'secret'), 'absolute.css')
  link('../files-more/secret', 'sibling.css')
  link('../outer', 'linked')
  link('/', 'inner/root')
  link('relative.css', 'twice.css')
  link('..data/mounted.css', 'mounted.css')
  link('inner', 'alias')
  link('..', 'inner/circle')
  link('nowhere', 'broken.css')
  symlinkSync('files', join(place, 'link-to-files'))
  return folder
}

const own = ['a.css', 'inner/b.css', 'mounted.css', 'alias/b.css']
const hidden = ['.env', '.git/config', '..data/mounted.css', 'inner/.hidden', 'alias/.hidden']
const outside = ['relative.css', 'absolute.css', 'sibling.css', 'linked', 'inner/root', 'twice.css']
const further = [
  'linked/a.css',
  'inner/root/etc/passwd',
  '../secret',
  'inner/../../secret',
  'broken.css',
  'inner',
  '',
  'zero\0byte',
  'a'.repeat(5000)
]

t.test('a folder contains its files, not its dotfiles, nor what a link outside leads to', async (t) => {
  const folder = folderWithLinks(t)
  for (const root of [folder, join(folder, '../link-to-files')]) {
    t.same(
      own.filter((name) => !containsFile(root, name)),
      []
    )
    t.same(
      [...hidden, ...outside, ...further].filter((name) => containsFile(root, name)),
      []
    )
  }
})

t.test('the files of a folder are listed once for each name, and so are links that lead out', async (t) => {
  const { files, leadingOut } = containedFiles(folderWithLinks(t))
  t.same(files.toSorted(), own.toSorted())
  t.match(leadingOut.toSorted(), [...outside, 'alias/root'].toSorted())
})
