import { readFileSync } from 'node:fs'
import t from 'tap'
import { mustBeOfThisVersion } from '../../src/database/migrations.ts'

const source = readFileSync(new URL('../../src/database/migrations.ts', import.meta.url), 'utf8')
const names = [...source.matchAll(/^ {2}'(\d{4}-.+)': \{$/gm)].map(([, name = '']) => name)

t.test('the steps are in the order of their names, and each names its version', async (t) => {
  t.ok(names.length > 0)
  t.same(names, [...names].sort())
  for (const name of names) t.match(name, /^\d{4}-[a-z-]+@\d+\.\d+\.\d+$/)
  t.equal(new Set(names.map((name) => name.slice(0, 4))).size, names.length, 'no number twice')
})

t.test('a database with all, some or none of the steps is accepted', async (t) => {
  for (const taken of [names, names.slice(1), []]) t.doesNotThrow(() => mustBeOfThisVersion(taken))
})
