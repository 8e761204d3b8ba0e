import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { filesOf, groups } from './groups.ts'

t.test('every test file is run once, by itself or in one group', async (t) => {
  const { include }: { include: string[] } = parse(
    readFileSync(join(import.meta.dirname, '../.taprc'), 'utf8')
  )
  const ofItsOwn = filesOf(include.map((pattern) => pattern.replace(/^test\//, '')))
  const shared = Object.values(groups).flatMap(filesOf)
  t.same([...ofItsOwn, ...shared].sort(), filesOf(['**/*.test.ts']))
  t.same(
    filesOf(['groups/*.test.ts']),
    Object.keys(groups)
      .map((group) => `groups/${group}.test.ts`)
      .sort()
  )
})

t.test('npm run check leaves out nothing but the two that install packages', (t) => {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  const excluded = [...scripts.check.matchAll(/--exclude=test\/(\S+)/g)].map(([, file]) => file)
  t.same(filesOf(excluded), ['package.test.ts', 'stories/the-first-command-of-the-readme-works.test.ts'])
  t.end()
})
