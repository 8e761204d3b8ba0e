import { join } from 'node:path'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { openSqlite } from '../../../src/database/sqlite.ts'
import { SqliteStore } from '../../../src/sessions/stores/sqlite-store.ts'
import { patience } from '../../servers/patience.ts'
import { failsClosed, keepsTheContract } from '../session-store.contract.ts'

async function open(t: Test, file: string, waits = patience) {
  let time = Date.UTC(2026, 0, 2)
  const database = await openSqlite(file, waits)
  const store = new SqliteStore(database.sqlite, () => time)
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  const until = async (then: number) => {
    time = Math.max(time, then)
  }
  const rows = () => database.sqlite.prepare('SELECT key FROM sessions ORDER BY key').all()
  return { store, database, now: () => time, pass, until, rows }
}

t.test('in a file', async (t) => keepsTheContract(t, (t) => open(t, join(t.testdir(), 'latchkey.db'))))

t.test('in memory', async (t) => keepsTheContract(t, (t) => open(t, ':memory:')))

t.test('a session ends in the exact millisecond of its expiry', async (t) => {
  const { store, now, pass } = await open(t, ':memory:')
  await store.create('key', { text: '{}', expiresAt: now() + 1000 })
  pass(999)
  t.ok(await store.load('key'))
  pass(1)
  t.equal(await store.load('key'), undefined)
  t.same(await store.update('key', { from: '{}', to: '{}' }), { outcome: 'gone' })
})

t.test('sweeping removes expired sessions and nothing else', async (t) => {
  const { store, now, pass, rows } = await open(t, ':memory:')
  await store.create('over', { text: '{}', expiresAt: now() + 1000 })
  await store.create('there', { text: '{}', expiresAt: now() + 1001 })
  pass(1000)
  store.sweep()
  t.match(rows(), [{ key: 'there' }])
  t.equal(rows().length, 1)
})

t.test('the store is swept every minute', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const { store, now, pass, rows } = await open(t, ':memory:')
  await store.create('over', { text: '{}', expiresAt: now() + 1000 })
  pass(1000)
  mock.timers.tick(59_999)
  t.equal(rows().length, 1)
  mock.timers.tick(1)
  t.equal(rows().length, 0)
})

t.test('sessions are still there after reopening the file', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const first = await open(t, file)
  const session = { text: '{"user":"alice"}', expiresAt: first.now() + 1000 }
  await first.store.create('key', session)
  const second = await open(t, file)
  t.same(await second.store.load('key'), session)
})

t.test('a failing database is a StorageError, and sweeping it does not crash', async (t) => {
  const { store, database } = await open(t, ':memory:')
  database.sqlite.exec('DROP TABLE sessions')
  await failsClosed(t, store)
  store.sweep()
})

t.test('while another process locks the database, writing is a StorageError', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const { store, now } = await open(t, file, 100)
  await store.create('key', { text: '{}', expiresAt: now() + 1000 })
  const other = await openSqlite(file, patience)
  other.sqlite.exec('BEGIN IMMEDIATE')
  t.ok(await store.load('key'), 'reading works')
  const change = { from: '{}', to: '{"user":"bob"}' }
  await t.rejects(store.update('key', change), { code: 'LATCHKEY_STORAGE_UNAVAILABLE' })
  other.sqlite.exec('COMMIT')
  t.match(await store.update('key', change), { outcome: 'stored' }, 'it recovers')
  await other.close()
})
