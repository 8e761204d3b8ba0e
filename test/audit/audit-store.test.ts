import t from 'tap'
import type { AuditFilter } from '../../src/audit/audit-filter.ts'
import { AuditStore } from '../../src/audit/audit-store.ts'
import { plansOf } from '../database/plans-of.ts'
import { overEachDatabase } from '../servers/databases.ts'

const who = { name: 'alice', account: 'id of alice' }
const filters: Readonly<Record<string, AuditFilter>> = {
  everything: {},
  account: { account: who.account },
  name: { name: who.name },
  kind: { event: 'sign-in' },
  administrator: { by: 'id of bob' },
  address: { address: '192.0.2.1' }
}

overEachDatabase(t, async (t, openDatabase) => {
  const database = await openDatabase(t)
  const store = new AuditStore(database.sql)
  const by = { kind: 'account', id: 'id of bob', name: 'bob' } as const
  for (let n = 0; n < 6; n += 1)
    await store.insert({ at: new Date(1000 + (n >> 1)), event: 'sign-in', ...who, by, address: '192.0.2.1' })

  t.test('a page goes on after each event, and back, though several have one time', async (t) => {
    const all = await store.some({}, { limit: 10 })
    t.equal(all.length, 6)
    for (const [index, { cursor }] of all.entries()) {
      t.same(await store.some({}, { before: cursor, limit: 10 }), all.slice(index + 1))
      t.same(await store.some({}, { after: cursor, limit: 10 }), all.slice(0, index).reverse())
    }
  })

  t.test('each filter is a range of an index, which is read in its order', async (t) => {
    const cursor = (await store.some({}, { limit: 3 })).at(-1)?.cursor
    for (const [name, filter] of Object.entries(filters))
      for (const place of [{}, { before: cursor }, { after: cursor }])
        for (const span of [{}, { from: new Date(1), to: new Date(5000) }]) {
          const plan = await plansOf(database, (db) =>
            new AuditStore(db).some({ ...filter, ...span }, { ...place, limit: 25 })
          )
          const what = `${name} ${Object.keys({ ...place, ...span })}`
          t.match(plan, /USING INDEX audit_|Index Scan/, what)
          t.notMatch(plan, /TEMP B-TREE FOR ORDER BY|Seq Scan|(?<!Incremental )Sort {2}/, what)
        }
  })
})
