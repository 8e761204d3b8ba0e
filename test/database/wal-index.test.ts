import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { WalIndex } from '../../src/database/wal-index.ts'

t.test('every commit of another connection changes the header of the index', async (t) => {
  const { index, other } = await open(t)
  const ways = [
    () => other.exec('INSERT INTO attempts VALUES (hex(randomblob(8)), 1, 0, 0, 0)'),
    () => other.exec('UPDATE attempts SET count = count + 1'),
    () => other.exec('BEGIN; DELETE FROM attempts; COMMIT'),
    // The log starts again at its beginning, where it is as long as it was.
    () =>
      other.exec(
        'PRAGMA wal_checkpoint(RESTART); INSERT INTO attempts VALUES (hex(randomblob(8)), 1, 0, 0, 0)'
      ),
    () =>
      other.exec(
        'PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO attempts VALUES (hex(randomblob(8)), 1, 0, 0, 0)'
      )
  ]
  for (const [round, commit] of Array.from(
    { length: 20 },
    (_, round) => [round, ways[round % ways.length]!] as const
  )) {
    commit()
    t.equal(index.hasChanged(), true, `commit ${round}`)
    t.equal(index.hasChanged(), false, `after commit ${round}`)
  }
})

t.test('what commits nothing does not change it', async (t) => {
  const { index, other } = await open(t)
  other.exec('BEGIN IMMEDIATE; DELETE FROM attempts; ROLLBACK')
  other.exec('SELECT * FROM attempts')
  t.equal(index.hasChanged(), false)
})

t.test('a database in memory has none', async (t) => {
  const { sqlite, close } = await openSqlite(':memory:')
  t.teardown(close)
  t.equal(WalIndex.of(sqlite), undefined)
})

async function open(t: Test) {
  const file = `${t.testdir()}/latchkey.db`
  const { sqlite, close } = await openSqlite(file)
  const other = new DatabaseSync(file)
  t.teardown(async () => {
    other.close()
    await close()
  })
  const index = WalIndex.of(sqlite)
  if (!index) return t.fail('there is an index on Linux') as never
  index.hasChanged()
  return { index, other }
}
