import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const folder = join(import.meta.dirname, '../docs/decisions')
const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const index = read('README.md')
const indexed = [...index.matchAll(/^- (~~)?\[(.+)\]\((.+?)\)(?:~~, replaced)?$/gm)].map(
  ([, struck, title = '', file = '']) => ({ file, title, struck: struck !== undefined })
)
const decisions = readdirSync(folder)
  .filter((file) => file !== 'README.md')
  .map((file) => ({ file, text: read(file) }))

t.test('the index lists each decision once, under its own title', async (t) => {
  t.same(
    indexed.map(({ file, title }) => `${file}: ${title}`).sort(),
    decisions.map(({ file, text }) => `${file}: ${titleOf(text)}`).sort()
  )
  t.equal(indexed.length, index.match(/^- /gm)?.length, 'every line of the list is understood')
})

t.test(
  'each decision has a date, its context, the decision and its consequences, in that order',
  async (t) => {
    for (const { file, text } of decisions) {
      t.match(text, /^# .+\n\n- Date: \d{4}-\d\d-\d\d\n/, file)
      t.same(
        [...text.matchAll(/^## (.+)\n\n\S/gm)].map(([, heading]) => heading),
        ['Context', 'Decision', 'Consequences'],
        file
      )
    }
  }
)

t.test('a reversed decision is struck out and linked with the one that replaces it', async (t) => {
  for (const { file, text } of decisions) {
    const by = linksOf(text, 'Replaced by')
    t.equal(indexed.find((entry) => entry.file === file)?.struck, by.length > 0, file)
    for (const other of by) t.ok(linksOf(read(other), 'Replaces').includes(file), `${other} → ${file}`)
    for (const other of linksOf(text, 'Replaces'))
      t.ok(linksOf(read(other), 'Replaced by').includes(file), `${other} → ${file}`)
  }
})

function titleOf(text: string): string {
  return /^# (.+)$/m.exec(text)?.[1] ?? ''
}

function linksOf(text: string, relation: string): string[] {
  return [...text.matchAll(new RegExp(`^- ${relation}: \\[.+\\]\\((.+?)\\)$`, 'gm'))].map(
    ([, file = '']) => file
  )
}
