import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { moveFixtures } from './fixtures-folder.ts'

t.test('fixtures move to the temporary folder once, and again after that was emptied', async (t) => {
  const place = realpathSync(t.testdir({ '.tap': { fixtures: { old: {} } }, temporary: {} }))
  const [fixtures, temporary] = [join(place, '.tap/fixtures'), join(place, 'temporary')]
  moveFixtures(fixtures, temporary)
  t.equal(dirname(realpathSync(fixtures)), temporary)
  t.same(readdirSync(fixtures), [])

  writeFileSync(join(fixtures, 'of-another-run'), '')
  moveFixtures(fixtures, temporary)
  t.ok(existsSync(join(fixtures, 'of-another-run')))

  rmSync(temporary, { recursive: true })
  mkdirSync(temporary)
  moveFixtures(fixtures, temporary)
  t.same(readdirSync(fixtures), [])
})
