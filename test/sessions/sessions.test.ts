import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { CachedStore } from '../../src/sessions/cache/cached-store.ts'
import { SqliteInvalidation } from '../../src/sessions/cache/sqlite-invalidation.ts'
import type { SessionIds } from '../../src/sessions/session-keys.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { patience } from '../servers/patience.ts'

const { lifetimes } = readConfig({})
const cookie = { originalMaxAge: null }
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const start = Date.UTC(2026, 0, 2)

interface Opening {
  readonly file?: string
  readonly ids?: SessionIds
  /** Whether sessions are cached. */
  readonly isCached?: boolean
}

async function open(t: Test, { file = ':memory:', ids = 'hashed', isCached = false }: Opening = {}) {
  let time = start
  const database = await openSqlite(file, patience)
  const bare = new SqliteStore(database.sqlite, () => time)
  const invalidation = new SqliteInvalidation(database.sqlite)
  const store = isCached ? new CachedStore({ store: bare, invalidation, maxEntries: 10 }) : bare
  const sessions = new Sessions({ store, lifetimes, ids, now: () => time })
  t.teardown(async () => {
    await sessions.close()
    await database.close()
  })
  const at = (sinceStart: number) => {
    time = start + sinceStart
  }
  const rows = () => database.sqlite.prepare('SELECT * FROM sessions').all()
  return { sessions, at, rows, database }
}

t.test('a session is loaded as created, with its start', async (t) => {
  const { sessions } = await open(t)
  const kept = await sessions.create('id', { cookie, user: 'alice', cart: [] })
  t.same(kept, { cookie, user: 'alice', cart: [], startedAt: start })
  t.same(await sessions.load('id'), kept)
  t.equal(await sessions.load('another id'), undefined)
})

t.test('its start is the current time, whatever the record says', async (t) => {
  const { sessions } = await open(t)
  const kept = await sessions.create('id', { cookie, startedAt: start + 99 * day })
  t.equal(kept.startedAt, start)
})

t.test('an unused session ends after 30 minutes, to the second', async (t) => {
  const { sessions, at } = await open(t)
  await sessions.create('kept', { cookie })
  await sessions.create('lost', { cookie })
  at(30 * minute - second)
  t.ok(await sessions.load('kept'))
  at(30 * minute)
  t.equal(await sessions.load('lost'), undefined)
})

t.test('each use extends it by 30 minutes', async (t) => {
  const { sessions, at } = await open(t)
  await sessions.create('id', { cookie })
  at(29 * minute)
  t.ok(await sessions.load('id'))
  at(59 * minute - second)
  t.ok(await sessions.load('id'))
  at(89 * minute - second)
  t.equal(await sessions.load('id'), undefined)
})

t.test('a session in use ends after 12 hours, to the second', async (t) => {
  const { sessions, at } = await open(t)
  await sessions.create('id', { cookie })
  for (let used = 20 * minute; used < 12 * hour; used += 20 * minute) {
    at(used)
    t.ok(await sessions.load('id'))
  }
  at(12 * hour - second)
  t.ok(await sessions.load('id'))
  at(12 * hour)
  t.equal(await sessions.load('id'), undefined)
})

t.test('a remembered session ends after 14 days unused, to the second', async (t) => {
  const { sessions, at } = await open(t)
  await sessions.create('kept', { cookie, remember: true })
  await sessions.create('lost', { cookie, remember: true })
  at(14 * day - second)
  t.ok(await sessions.load('kept'))
  at(14 * day)
  t.equal(await sessions.load('lost'), undefined)
})

t.test('a remembered session in use ends after 30 days, to the second', async (t) => {
  const { sessions, at } = await open(t)
  await sessions.create('id', { cookie, remember: true })
  for (const used of [10 * day, 20 * day, 29 * day, 30 * day - second]) {
    at(used)
    t.ok(await sessions.load('id'))
  }
  at(30 * day)
  t.equal(await sessions.load('id'), undefined)
})

t.test('reading extends a session at most once a minute', async (t) => {
  const { sessions, at, rows } = await open(t)
  await sessions.create('id', { cookie })
  const endAfterReadingAt = async (sinceStart: number) => {
    at(sinceStart)
    await sessions.load('id')
    return Number(rows()[0]?.expires_at) - start
  }
  t.equal(await endAfterReadingAt(0), 30 * minute)
  t.equal(await endAfterReadingAt(minute - second), 30 * minute)
  t.equal(await endAfterReadingAt(minute), 31 * minute)
  t.equal(await endAfterReadingAt(2 * minute - second), 31 * minute)
  t.equal(await endAfterReadingAt(2 * minute), 32 * minute)
})

t.test('with or without the cache a session lives as long and is written as often', async (t) => {
  const waits = fc.array(fc.oneof(fc.nat(2 * minute), fc.nat(31 * minute), fc.nat(15 * day)), {
    minLength: 5
  })
  const outcomes = new Set<boolean>()
  const lives = fc.asyncProperty(waits, fc.boolean(), async (waits, remember) => {
    const [bare, cached] = [await open(t), await open(t, { isCached: true })]
    const use = async ({ sessions, at, rows }: typeof bare, time: number) => {
      at(time)
      const session = sessions.peek(sessions.keyOf('id')) ?? (await sessions.find('id'))
      return session && { record: session.record, expiresAt: rows()[0]?.expires_at }
    }
    for (const { sessions } of [bare, cached]) await sessions.create('id', { cookie, remember })
    let time = 0
    for (const wait of waits) {
      time += wait
      const expected = await use(bare, time)
      assert.deepEqual(await use(cached, time), expected)
      outcomes.add(expected !== undefined)
    }
  })
  await t.resolves(fc.assert(lives))
  t.equal(outcomes.size, 2, 'some had ended')
})

t.test('reading never rewrites the record', async (t) => {
  const { sessions, at, rows } = await open(t)
  await sessions.create('id', { cookie })
  const before = rows()[0]?.record
  at(10 * minute)
  await sessions.load('id')
  t.equal(rows()[0]?.record, before)
})

t.test('shorter lifetimes apply to existing sessions', async (t) => {
  const { sessions, database } = await open(t)
  await sessions.create('id', { cookie })
  const store = new SqliteStore(database.sqlite, () => start + 5 * minute)
  t.teardown(() => store.close())
  const shorter = { ...lifetimes, absolute: 5 * minute }
  const stricter = new Sessions({ store, lifetimes: shorter, ids: 'hashed', now: () => start + 5 * minute })
  t.equal(await stricter.load('id'), undefined)
})

t.test('an update is visible at the next load and keeps the expiry', async (t) => {
  const { sessions, at } = await open(t)
  const record = await sessions.create('id', { cookie })
  at(20 * minute)
  t.equal(await sessions.update('id', { before: record, after: { ...record, user: 'alice' } }), true)
  at(30 * minute - second)
  t.same(await sessions.load('id'), { cookie, user: 'alice', startedAt: start })
})

t.test('an ended session is gone for good', async (t) => {
  const { sessions, rows } = await open(t)
  const record = await sessions.create('id', { cookie, user: 'alice' })
  t.equal(await sessions.revoke('id'), true)
  t.equal(await sessions.load('id'), undefined)
  t.equal(await sessions.update('id', { before: record, after: record }), false)
  t.same(rows(), [])
  t.equal(await sessions.revoke('id'), false)
})

t.test('only the hash of an id is stored, never the id', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const { sessions, at, rows } = await open(t, { file })
  const id = 'Xk3vQ0w_8yTn2rLb-5zHcJm7sPdAf9Ue'
  const record = await sessions.create(id, { cookie, user: 'alice' })
  at(10 * minute)
  await sessions.load(id)
  await sessions.update(id, { before: record, after: { ...record, colour: 'blue' } })
  t.match(rows(), [{ key: createHash('sha256').update(id).digest('base64url') }])
  for (const ending of ['', '-wal']) {
    const dump = readFileSync(file + ending)
    t.equal(dump.includes(id), false, `latchkey.db${ending}`)
  }
})

t.test('checkWritable leaves nothing behind, and fails if no session can be stored', async (t) => {
  const { sessions, database, rows } = await open(t)
  await sessions.checkWritable()
  t.same(rows(), [])
  database.sqlite.exec('PRAGMA query_only = ON')
  await sessions.ping()
  await t.rejects(sessions.checkWritable(), { code: 'LATCHKEY_STORAGE_UNAVAILABLE' })
})

t.test('an id that exists is refused for a new session', async (t) => {
  const { sessions } = await open(t)
  await sessions.create('id', { cookie, user: 'alice' })
  await t.rejects(sessions.create('id', { cookie, user: 'bob' }))
  t.match(await sessions.load('id'), { user: 'alice' })
})

t.test('a store that cannot answer is a StorageError', async (t) => {
  const { sessions, database } = await open(t)
  database.sqlite.exec('DROP TABLE sessions')
  const code = 'LATCHKEY_STORAGE_UNAVAILABLE'
  await t.rejects(sessions.create('id', { cookie }), { code })
  await t.rejects(sessions.load('id'), { code })
  await t.rejects(sessions.update('id', { before: { cookie }, after: { cookie } }), { code })
  await t.rejects(sessions.revoke('id'), { code })
})

t.test('with plain ids the key is the one connect-redis uses', async (t) => {
  const { sessions, rows } = await open(t, { ids: 'plain' })
  await sessions.create('id', { cookie, user: 'alice' })
  t.match(rows(), [{ key: 'id' }])
  t.match(await sessions.load('id'), { user: 'alice' })
  t.not(sessions.handleOf('id'), 'id', 'its public handle differs')
})

t.test('a person’s sessions are listed, the last used first', async (t) => {
  const { sessions, at } = await open(t)
  const laptop = { cookie, user: 'alice', address: '192.0.2.7', userAgent: 'Firefox' }
  await sessions.create('laptop', laptop)
  at(5 * minute)
  await sessions.create('phone', { cookie, user: 'alice', remember: true, device: ['Safari', 'iOS'] })
  await sessions.create('of bob', { cookie, user: 'bob' })
  at(20 * minute)
  await sessions.load('laptop')
  t.same(await sessions.listByUser('alice'), [
    {
      handle: sessions.handleOf('laptop'),
      startedAt: new Date(start),
      seenAt: new Date(start + 20 * minute),
      endsAt: new Date(start + 50 * minute),
      remembered: false,
      address: '192.0.2.7',
      device: { browser: 'Firefox', system: undefined },
      userAgent: 'Firefox'
    },
    {
      handle: sessions.handleOf('phone'),
      startedAt: new Date(start + 5 * minute),
      seenAt: new Date(start + 5 * minute),
      endsAt: new Date(start + 5 * minute + 14 * day),
      remembered: true,
      address: undefined,
      device: { browser: 'Safari', system: 'iOS' },
      userAgent: undefined
    }
  ])
  t.same(await sessions.listByUser('carol'), [])
})

t.test('the last use is known until a session ends, and then it is no longer listed', async (t) => {
  const { sessions, at } = await open(t)
  await sessions.create('id', { cookie, user: 'alice', remember: true })
  for (let used = 10 * day; used < 30 * day; used += 5 * day) {
    at(used)
    await sessions.load('id')
    const [listed] = await sessions.listByUser('alice')
    t.ok(Math.abs(Number(listed?.seenAt) - start - used) < 2 * second, `after ${used / day} days`)
    t.ok(Number(listed?.endsAt) <= start + 30 * day)
  }
  at(30 * day)
  t.same(await sessions.listByUser('alice'), [])
})

t.test('near its lifetime too a session is written at most once a minute', async (t) => {
  const { sessions, at, database } = await open(t)
  const writes = () => Number(database.sqlite.prepare('SELECT total_changes() AS n').get()?.n)
  await sessions.create('id', { cookie, user: 'alice', remember: true })
  at(10 * day)
  await sessions.load('id')
  for (let used = 20 * day, before = writes(); used < 20 * day + 20 * minute; used += 10 * second) {
    at(used)
    await sessions.load('id')
    const minutes = Math.floor((used - 20 * day) / minute) + 1
    if (writes() - before > minutes) t.fail(`${writes() - before} writes in ${minutes} minutes`)
  }
  t.pass()
})

t.test('a person can end one session, the others, or all', async (t) => {
  const { sessions } = await open(t)
  for (const id of ['one', 'two', 'three', 'four']) await sessions.create(id, { cookie, user: 'alice' })
  await sessions.create('of bob', { cookie, user: 'bob' })
  t.equal(await sessions.revokeOne('alice', sessions.handleOf('of bob')), false)
  t.ok(await sessions.load('of bob'))
  t.equal(await sessions.revokeOne('alice', sessions.handleOf('four')), true)
  t.equal(await sessions.load('four'), undefined)
  t.equal(await sessions.revokeOthers('alice', 'two'), 2)
  t.ok(await sessions.load('two'))
  t.equal(await sessions.revokeAllOf('alice'), 1)
  t.equal(await sessions.load('two'), undefined)
  t.ok(await sessions.load('of bob'))
})

t.test('a session that gets an owner later is listed and ended as theirs', async (t) => {
  const { sessions } = await open(t)
  const cart = await sessions.create('id', { cookie })
  await sessions.update('id', { before: cart, after: { ...cart, user: 'alice' } })
  t.match(await sessions.listByUser('alice'), [{ handle: sessions.handleOf('id') }])
  t.equal(await sessions.revokeAllOf('alice'), 1)
})

t.test('an Express app may store any value under user', async (t) => {
  const { sessions } = await open(t)
  const record = await sessions.create('id', { cookie, user: { id: 7 } as unknown as string })
  await sessions.update('id', { before: record, after: { ...record, seen: 1 } })
  t.match(await sessions.load('id'), { user: { id: 7 } })
})

t.test('a cookie’s own age is the idle time of its session, up to that of remembered sessions', async (t) => {
  const { sessions, at } = await open(t)
  await sessions.create('a minute', { cookie: { originalMaxAge: minute } })
  await sessions.create('a day', { cookie: { originalMaxAge: day } })
  await sessions.create('a year', { cookie: { originalMaxAge: 365 * day } })
  at(minute + 6 * second)
  t.equal(
    await sessions.load('a minute'),
    undefined,
    'plus a tenth of it, because its end moves no more often'
  )
  at(day - second)
  t.ok(await sessions.load('a day'))
  at(14 * day)
  t.equal(await sessions.load('a year'), undefined)
})

t.test('its absolute lifetime is the usual one unless the cookie outlives that', async (t) => {
  const { sessions, at } = await open(t)
  await sessions.create('id', { cookie: { originalMaxAge: 8 * hour } })
  at(7 * hour)
  t.ok(await sessions.load('id'))
  at(12 * hour)
  t.equal(await sessions.load('id'), undefined)
})

t.test('a changed age applies at once', async (t) => {
  const { sessions, at } = await open(t)
  const before = await sessions.create('id', { cookie, user: 'alice' })
  await sessions.update('id', { before, after: { ...before, cookie: { originalMaxAge: 7 * day } } })
  at(7 * day - second)
  t.ok(await sessions.load('id'))
})

t.test('a session of another program is valid even if the store is read-only', async (t) => {
  const { sessions, database } = await open(t, { ids: 'plain' })
  const text = JSON.stringify({ cookie: { originalMaxAge: null }, user: 'alice' })
  database.sqlite
    .prepare('INSERT INTO sessions (key, record, owner, expires_at) VALUES (?, ?, NULL, ?)')
    .run('legacy', text, start + day)
  database.sqlite.exec('PRAGMA query_only = ON')
  t.match(await sessions.load('legacy'), { user: 'alice' })
  database.sqlite.exec('PRAGMA query_only = OFF')
  t.match(await sessions.load('legacy'), { user: 'alice', startedAt: start }, 'it gets its start later')
})

t.test('a session of another program starts when it is first loaded, and belongs to its user', async (t) => {
  const { sessions, at, database } = await open(t, { ids: 'plain' })
  const text = JSON.stringify({ cookie: { originalMaxAge: null, httpOnly: false }, user: 'alice' })
  database.sqlite
    .prepare('INSERT INTO sessions (key, record, owner, expires_at) VALUES (?, ?, NULL, ?)')
    .run('legacy', text, start + day)
  at(hour)
  const adopted = await sessions.load('legacy')
  t.match(adopted, { user: 'alice', startedAt: start + hour, cookie: { httpOnly: true } })
  t.equal((await sessions.listByUser('alice')).length, 1)
  for (let time = hour; time < 13 * hour; time += 20 * minute) {
    at(time)
    t.ok(await sessions.load('legacy'))
  }
  at(13 * hour)
  t.equal(await sessions.load('legacy'), undefined)
})
