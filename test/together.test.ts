import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { filesOf, groups } from './together.ts'

t.test('every test file is run once, by itself or in one group', async (t) => {
  const { include }: { include: string[] } = parse(
    readFileSync(join(import.meta.dirname, '../.taprc'), 'utf8')
  )
  const ofItsOwn = filesOf(include.map((pattern) => pattern.replace(/^test\//, '')))
  const shared = Object.values(groups).flatMap(filesOf)
  t.same([...ofItsOwn, ...shared].sort(), filesOf(['**/*.test.ts']))
  t.same(
    filesOf(['together/*.test.ts']),
    Object.keys(groups)
      .map((group) => `together/${group}.test.ts`)
      .sort()
  )
})
