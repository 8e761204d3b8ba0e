import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { always } from '../../../bench/nemesis/plants/always.ts'
import { plants } from '../../../bench/nemesis/plants/plants.ts'

const root = join(import.meta.dirname, '../../..')

t.test('every plant fits the source as it is', async (t) => {
  const all = { ...plants, always: { rewrites: always } }
  for (const [name, { rewrites }] of Object.entries(all))
    for (const { file, find } of rewrites) {
      const source = readFileSync(join(root, file), 'utf8')
      t.ok(source.includes(find), `${name}: ${file} has ${find}`)
    }
})

t.test('what no history can show a test shows', async (t) => {
  for (const [name, { shownBy }] of Object.entries(plants))
    if (shownBy) t.ok(readFileSync(join(root, shownBy.test), 'utf8').includes(shownBy.title), name)
})
