import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const text = readFileSync(join(import.meta.dirname, '../docs/security.md'), 'utf8')
const rows = [...text.matchAll(/^\| (\d[\w.-]*) \| (.+?) \| (.+?) \| (.+) \|$/gm)].map(
  ([, line = '', , state = '', why = '']) => ({ line, state, why })
)

/** The number of requirements in each section of ASVS 5.0, and of lines in each of SP 800-63B-4. */
const asvs: Record<string, number> = {
  '3.3': 5,
  '3.4': 8,
  '3.5': 8,
  '3.7': 5,
  '6.1': 3,
  '6.2': 12,
  '6.3': 8,
  '6.4': 6,
  '6.5': 8,
  '6.6': 4,
  '6.7': 2,
  '6.8': 4,
  '7.1': 3,
  '7.2': 4,
  '7.3': 2,
  '7.4': 5,
  '7.5': 3,
  '7.6': 2
}
const nist: Record<string, number> = {
  '2.2.1': 2,
  '2.2.2': 4,
  '2.2.3': 2,
  '3.1.1.1': 3,
  '3.1.1.2': 19,
  '3.1.2.1': 5,
  '3.1.2.2': 6,
  '3.1.4.1': 3,
  '3.1.4.2': 6,
  '3.1.5': 1,
  '3.1.6.1': 1,
  '3.1.6.2': 5,
  '3.1.7.1': 1,
  '3.1.7.2': 2,
  '3.1.7.3': 1,
  '3.2.1': 2,
  '3.2.2': 6,
  '3.2.3': 1,
  '3.2.4': 1,
  '3.2.5': 2,
  '3.2.5.1': 1,
  '3.2.5.2': 3,
  '3.2.6': 1,
  '3.2.8': 1,
  '3.2.9': 1,
  '3.2.10': 1,
  '3.2.11': 1,
  '3.2.12': 1,
  '3.2.13': 1,
  '4.1': 5,
  '4.1.2.1': 3,
  '4.1.2.2': 1,
  '4.1.3': 2,
  '4.2.1': 2,
  '4.2.1.1': 5,
  '4.2.1.2': 5,
  '4.2.1.3': 1,
  '4.2.1.4': 1,
  '4.2.2.1': 1,
  '4.2.2.2': 1,
  '4.2.2.3': 1,
  '4.2.3': 1,
  '4.6': 5,
  '5.1': 14,
  '5.1.1': 4,
  '5.1.2': 1,
  '5.2': 5
}

t.test('every requirement of both standards is listed once, in order', async (t) => {
  const numbered = Object.entries(asvs).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, index) => `${section}.${index + 1}`)
  )
  const lettered = Object.entries(nist).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, index) => `${section}-${'abcdefghijklmnopqrs'[index]}`)
  )
  t.same(
    rows.map(({ line }) => line),
    [...numbered, ...lettered]
  )
})

t.test('every requirement has a state, and the test or the reason', async (t) => {
  for (const { line, state, why } of rows) {
    t.match(state, /^(holds|does not apply|not yet)$/, line)
    if (state === 'holds') t.ok(testsIn(why).length > 0 || why.includes('[above](#'), `${line} is shown`)
  }
})

t.test('every named test exists', async (t) => {
  for (const { line, why } of rows) {
    for (const { file, titles } of testsIn(why)) {
      const path = join(import.meta.dirname, `${file}.test.ts`)
      if (!existsSync(path)) t.fail(`${line} names ${file}`)
      const source = existsSync(path) ? readFileSync(path, 'utf8') : ''
      for (const title of titles) t.ok(source.includes(title), `${line}: “${title}” in ${file}`)
    }
  }
})

t.test('every section linked to exists', async (t) => {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replaceAll(' ', '-')
  )
  for (const { line, why } of rows) {
    const [, anchor] = /\[above\]\(#(.+?)\)/.exec(why) ?? []
    if (anchor) t.ok(headings.includes(anchor), `${line} points to ${anchor}`)
  }
})

/** For example `routes/login` “a title”, “another”. */
function testsIn(why: string): { file: string; titles: string[] }[] {
  return [...why.matchAll(/`(architecture|[a-z]+(?:[-/][a-z-]+)+)`((?: “[^”]+”,?)*)/g)].map(
    ([, file = '', titles = '']) => ({
      file,
      titles: [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title)
    })
  )
}
