import t from 'tap'
import { compileOnce } from '../../src/database/compile-once.ts'
import { openSqlite } from '../../src/database/sqlite.ts'

t.test('a query is compiled once and run with new values each time, in any order', async (t) => {
  const { sql: db, close } = await openSqlite(':memory:')
  t.teardown(close)
  let built = 0
  const query = compileOnce(({ last, first }: { last: number; first: number }) => {
    built += 1
    return db
      .selectNoFrom(({ val, eb }) => [
        val(first).as('first'),
        val('between').as('fixed'),
        eb(val(last), '>', val(first)).as('rises')
      ])
      .where(({ val, eb }) => eb(val(last), '<', 100))
  })
  const ask = async (values: { last: number; first: number }) => (await db.executeQuery(query(values))).rows
  t.same(await ask({ first: 1, last: 2 }), [{ first: 1, fixed: 'between', rises: 1 }])
  t.same(await ask({ last: 3, first: 7 }), [{ first: 7, fixed: 'between', rises: 0 }])
  t.same(await ask({ last: 100, first: 7 }), [])
  t.equal(built, 1)
})
