import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { AllSessions } from '../../src/sessions/all-sessions.ts'
import { type SessionIds, SessionKeys } from '../../src/sessions/session-keys.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'

const expiresAt = Date.now() + 24 * 3_600_000

async function withSessions(t: Test, ids: SessionIds = 'hashed') {
  const database = await openSqlite(':memory:')
  const store = new SqliteStore(database.sqlite)
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  const keys = new SessionKeys(ids)
  await store.create(keys.of('hers').key, { text: '{"user":"alice"}', expiresAt, owner: 'alice' })
  await store.create(keys.of('his').key, { text: '{"user":"bob"}', expiresAt, owner: 'bob' })
  await store.create(keys.of('nobody’s').key, { text: '{}', expiresAt })
  return { store, keys, all: new AllSessions(store, keys) }
}

for (const ids of ['hashed', 'plain'] as const) {
  t.test(`any session can be ended by its handle, with ${ids} ids`, async (t) => {
    const { store, keys, all } = await withSessions(t, ids)
    const handleOf = (id: string) => keys.handleOf(keys.of(id).key)
    t.same(await all.revokeOne(handleOf('hers')), { name: 'alice', account: undefined })
    t.same(await all.revokeOne(handleOf('nobody’s')), { name: undefined, account: undefined })
    t.equal(await store.load(keys.of('hers').key), undefined)
    t.ok(await store.load(keys.of('his').key))
    t.equal(await all.revokeOne(handleOf('hers')), undefined, 'once')
    t.equal(await all.revokeOne(keys.of('his').key), undefined, 'a key is not a handle')
  })
}

t.test('everybody can be signed out at once', async (t) => {
  const { store, keys, all } = await withSessions(t)
  t.equal(await all.revokeEverything(), 3)
  t.equal(await store.load(keys.of('his').key), undefined)
  t.equal(await all.revokeEverything(), 0)
})
