import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { filesOf, groups } from './together.ts'

t.test('every test file is run once, by itself or in one group', async (t) => {
  const { include, exclude }: Record<'include' | 'exclude', string[]> = parse(
    readFileSync(join(import.meta.dirname, '../.taprc'), 'utf8')
  )
  const here = (patterns: string[]) => filesOf(patterns.map((pattern) => pattern.replace(/^test\//, '')))
  const excluded = here(exclude)
  const ofItsOwn = here(include).filter((file) => !excluded.includes(file))
  const shared = Object.values(groups).flatMap(filesOf)
  t.same([...ofItsOwn, ...shared].sort(), filesOf(['**/*.test.ts']))
  t.same(
    filesOf(['together/*.test.ts']),
    Object.keys(groups)
      .map((group) => `together/${group}.test.ts`)
      .sort()
  )
})
