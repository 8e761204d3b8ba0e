import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { AllSessions } from '../../src/sessions/all-sessions.ts'
import { handleOf } from '../../src/sessions/session-summary.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'

const expiresAt = Date.now() + 3_600_000

async function withSessions(t: Test) {
  const database = await openSqlite(':memory:')
  const store = new SqliteStore(database.sqlite)
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  await store.create('hers', { text: '{"user":"alice"}', expiresAt, owner: 'alice' })
  await store.create('his', { text: '{"user":"bob"}', expiresAt, owner: 'bob' })
  await store.create('nobody’s', { text: '{}', expiresAt })
  return { store, all: new AllSessions(store) }
}

t.test('any session can be ended by its handle', async (t) => {
  const { store, all } = await withSessions(t)
  t.same(await all.revokeOne(handleOf('hers')), { owner: 'alice' })
  t.same(await all.revokeOne(handleOf('nobody’s')), { owner: undefined })
  t.equal(await store.load('hers'), undefined)
  t.ok(await store.load('his'))
  t.equal(await all.revokeOne(handleOf('hers')), undefined, 'once')
  t.equal(await all.revokeOne('his'), undefined, 'a key is not a handle')
})

t.test('everybody can be signed out at once', async (t) => {
  const { store, all } = await withSessions(t)
  t.equal(await all.revokeEverything(), 3)
  t.equal(await store.load('his'), undefined)
  t.equal(await all.revokeEverything(), 0)
})
