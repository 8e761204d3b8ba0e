import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { GroupCommit } from '../../src/database/group-commit.ts'

function open(t: Test) {
  const file = `${t.testdir()}/shared.db`
  const [database, other] = [new DatabaseSync(file), new DatabaseSync(file)]
  t.teardown(() => {
    database.close()
    other.close()
  })
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE numbers (number INTEGER CHECK (number > 0))')
  const insert = database.prepare('INSERT INTO numbers VALUES (?) RETURNING number')
  const [count, version] = ['SELECT count(*) AS n FROM numbers', 'PRAGMA data_version'].map((sql) =>
    other.prepare(sql)
  )
  const shared = new GroupCommit<unknown>(database)
  return {
    add: (number: number) => shared.run(() => insert.all(number)[0]?.number),
    seenElsewhere: () => count?.get()?.n,
    /** Increments with each commit of another connection, whatever its size. */
    commits: () => Number(version?.get()?.data_version)
  }
}

t.test('statements of one turn of the event loop share a commit, and each gets its own result', async (t) => {
  const { add, seenElsewhere, commits } = open(t)
  const before = commits()
  const seen: unknown[] = []
  const answers = await Promise.all(
    [1, 2, 3].map(async (number) => {
      const answer = await add(number)
      seen.push(seenElsewhere())
      return answer
    })
  )
  t.same(answers, [1, 2, 3])
  t.same(seen, [3, 3, 3])
  t.equal(commits() - before, 1)
  t.equal(await add(4), 4)
})

t.test('if one fails none is written, and all are told', async (t) => {
  const { add, seenElsewhere } = open(t)
  const outcomes = await Promise.allSettled([1, -1, 2].map(add))
  t.match(
    outcomes,
    [1, 2, 3].map(() => ({ reason: { code: 'LATCHKEY_STORAGE_UNAVAILABLE' } }))
  )
  t.equal(seenElsewhere(), 0)
  t.equal(await add(1), 1, 'the next one is written')
})
