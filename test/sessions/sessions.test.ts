import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newSessionId, renewedSessionId } from '../../src/sessions/session-keys.ts'
import { cookie, day, hour, minute, openSessions, second, start } from './open-sessions.ts'

t.test('a session is loaded as created, with its start', async (t) => {
  const { sessions } = await openSessions(t)
  const kept = await sessions.create('id', { cookie, user: 'alice', cart: [] })
  t.same(kept, { cookie, user: 'alice', cart: [], startedAt: start })
  t.same(await sessions.load('id'), kept)
  t.equal(await sessions.load('another id'), undefined)
})

t.test('reading never rewrites the record', async (t) => {
  const { sessions, at, rows } = await openSessions(t)
  await sessions.create('id', { cookie })
  const before = rows()[0]?.record
  at(10 * minute)
  await sessions.load('id')
  t.equal(rows()[0]?.record, before)
})

t.test('an update is visible at the next load and keeps the expiry', async (t) => {
  const { sessions, at } = await openSessions(t)
  const record = await sessions.create('id', { cookie })
  at(20 * minute)
  t.equal(
    (await sessions.update('id', { before: record, after: { ...record, colour: 'blue' } })) !== undefined,
    true
  )
  at(30 * minute - second)
  t.same(await sessions.load('id'), { cookie, startedAt: start, colour: 'blue' })
})

t.test('an ended session is gone for good', async (t) => {
  const { sessions, rows } = await openSessions(t)
  const record = await sessions.create('id', { cookie, user: 'alice' })
  t.equal(await sessions.revoke('id'), true)
  t.equal(await sessions.load('id'), undefined)
  t.equal(await sessions.update('id', { before: record, after: record }), undefined)
  t.same(rows(), [])
  t.equal(await sessions.revoke('id'), false)
})

t.test('only the hash of an id is stored, never the id', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const { sessions, at, rows } = await openSessions(t, { file })
  const id = 'Xk3vQ0w_8yTn2rLb-5zHcJm7sPdAf9Ue'
  const record = await sessions.create(id, { cookie, user: 'alice' })
  at(10 * minute)
  await sessions.load(id)
  await sessions.update(id, { before: record, after: { ...record, colour: 'blue' } })
  t.match(rows(), [{ key: createHash('sha256').update(id).digest().subarray(0, 16).toString('base64url') }])
  for (const ending of ['', '-wal']) {
    const dump = readFileSync(file + ending)
    t.equal(dump.includes(id), false, `latchkey.db${ending}`)
  }
})

t.test('checkWritable leaves nothing behind, and fails if no session can be stored', async (t) => {
  const { sessions, database, rows } = await openSessions(t)
  await sessions.checkWritable()
  t.same(rows(), [])
  database.sqlite.exec('PRAGMA query_only = ON')
  await sessions.ping()
  await t.rejects(sessions.checkWritable(), { code: 'LATCHKEY_STORAGE_UNAVAILABLE' })
})

t.test('an id that exists is refused for a new session', async (t) => {
  const { sessions } = await openSessions(t)
  await sessions.create('id', { cookie, user: 'alice' })
  await t.rejects(sessions.create('id', { cookie, user: 'bob' }))
  t.match(await sessions.load('id'), { user: 'alice' })
})

t.test('a store that cannot answer is a StorageError', async (t) => {
  const { sessions, database } = await openSessions(t)
  database.sqlite.exec('DROP TABLE sessions')
  const code = 'LATCHKEY_STORAGE_UNAVAILABLE'
  await t.rejects(sessions.create('id', { cookie }), { code })
  await t.rejects(sessions.load('id'), { code })
  await t.rejects(sessions.update('id', { before: { cookie }, after: { cookie } }), { code })
  await t.rejects(sessions.revoke('id'), { code })
})

t.test('with plain ids the key is the one connect-redis uses', async (t) => {
  const { sessions, rows } = await openSessions(t, { ids: 'plain' })
  await sessions.create('id', { cookie, user: 'alice' })
  t.match(rows(), [{ key: 'id' }])
  t.match(await sessions.load('id'), { user: 'alice' })
  t.not(sessions.handleOf('id'), 'id', 'its public handle differs')
})

t.test('a person’s sessions are listed, the last used first', async (t) => {
  const { sessions, at } = await openSessions(t)
  const laptop = { cookie, user: 'alice', address: '192.0.2.7', userAgent: 'Firefox' }
  await sessions.create('laptop', laptop)
  at(5 * minute)
  await sessions.create('phone', { cookie, user: 'alice', remember: true, device: ['Safari', 'iOS'] })
  await sessions.create('of bob', { cookie, user: 'bob' })
  at(20 * minute)
  await sessions.load('laptop')
  t.same((await sessions.listByUser('name:alice')).sessions, [
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
  t.same(await sessions.listByUser('name:carol'), { sessions: [], next: undefined, previous: undefined })
})

t.test('a person can end one session, the others, or all', async (t) => {
  const { sessions } = await openSessions(t)
  for (const id of ['one', 'two', 'three', 'four']) await sessions.create(id, { cookie, user: 'alice' })
  await sessions.create('of bob', { cookie, user: 'bob' })
  t.equal(await sessions.revokeOne('name:alice', sessions.handleOf('of bob')), false)
  t.ok(await sessions.load('of bob'))
  t.equal(await sessions.revokeOne('name:alice', sessions.handleOf('four')), true)
  t.equal(await sessions.load('four'), undefined)
  t.equal(await sessions.revokeAllOf({ id: 'name:alice', name: 'alice' }, 'two'), 2)
  t.ok(await sessions.load('two'))
  t.equal(await sessions.revokeAllOf({ id: 'name:alice', name: 'alice' }), 1)
  t.equal(await sessions.load('two'), undefined)
  t.ok(await sessions.load('of bob'))
})

t.test('a session that gets an owner later is listed and ended as theirs', async (t) => {
  const { sessions } = await openSessions(t)
  const cart = await sessions.create('id', { cookie })
  await sessions.update('id', { before: cart, after: { ...cart, user: 'alice' } })
  t.match((await sessions.listByUser('name:alice')).sessions, [{ handle: sessions.handleOf('id') }])
  t.equal(await sessions.revokeAllOf({ id: 'name:alice', name: 'alice' }), 1)
})

t.test('a session that was kept by a change of an account gets its epoch only if it is theirs', async (t) => {
  const { sessions } = await openSessions(t)
  const ada = { id: 'name:Ada', name: 'Ada' }
  await sessions.create('theirs', { cookie, user: 'Ada' })
  await sessions.create('passed on meanwhile', { cookie, user: 'Mallory' })
  for (const id of ['theirs', 'passed on meanwhile']) await sessions.applyChange(ada, 7, id)
  t.equal((await sessions.load('theirs'))?.epoch, 7)
  t.equal((await sessions.load('passed on meanwhile'))?.epoch, undefined)
})

t.test(
  'a part of an id opens nothing, and an id of an earlier form opens its session until it ends',
  async (t) => {
    const { sessions } = await openSessions(t)
    const [id, earlier] = [newSessionId(), 'Xk3vQ0w_8yTn2rLb-5zHcJm7sPdAf9Ue']
    await sessions.create(id, { cookie, user: 'Ada' })
    await sessions.create(earlier, { cookie, user: 'Ada' })
    const [half = '', secret = ''] = id.split('.')
    for (const part of [
      half,
      secret,
      `${half}.`,
      `.${secret}`,
      half + secret,
      `${id}.`,
      renewedSessionId(id)
    ]) {
      t.equal(await sessions.load(part), undefined, part)
      t.equal(sessions.peek(sessions.addressOf(part)), undefined)
    }
    t.match(await sessions.load(id), { user: 'Ada' })
    t.match(await sessions.load(earlier), { user: 'Ada' })
    await sessions.revokeAllOf({ id: 'name:Ada', name: 'Ada' })
    t.same([await sessions.load(id), await sessions.load(earlier)], [undefined, undefined])
  }
)

t.test('an Express app may store any value under user', async (t) => {
  const { sessions } = await openSessions(t)
  const record = await sessions.create('id', { cookie, user: { id: 7 } as unknown as string })
  await sessions.update('id', { before: record, after: { ...record, seen: 1 } })
  t.match(await sessions.load('id'), { user: { id: 7 } })
})

t.test('a session of another program is valid even if the store is read-only', async (t) => {
  const { sessions, database } = await openSessions(t, { ids: 'plain' })
  const text = JSON.stringify({ cookie: { originalMaxAge: null }, user: 'alice' })
  database.sqlite
    .prepare('INSERT INTO sessions (key, record, owner, expires_at) VALUES (?, ?, NULL, ?)')
    .run('legacy', text, start + day)
  database.sqlite.exec('PRAGMA query_only = ON')
  t.match(await sessions.load('legacy'), { user: 'alice' })
  database.sqlite.exec('PRAGMA query_only = OFF')
  t.match(await sessions.load('legacy'), { user: 'alice', startedAt: start }, 'it gets its start later')
})

t.test('a start that is no time was written by another program, and counts for nothing', async (t) => {
  const { sessions, at, database } = await openSessions(t, { ids: 'plain' })
  const text = JSON.stringify({ cookie: {}, user: 'alice', startedAt: new Date(start).toISOString() })
  database.sqlite
    .prepare('INSERT INTO sessions (key, record, owner, expires_at) VALUES (?, ?, NULL, ?)')
    .run('legacy', text, start + day)
  at(hour)
  for (const _ of [1, 2]) t.match(await sessions.load('legacy'), { user: 'alice', startedAt: start + hour })
})

t.test('a session of another program starts when it is first loaded, and belongs to its user', async (t) => {
  const { sessions, at, database } = await openSessions(t, { ids: 'plain' })
  const text = JSON.stringify({ cookie: { originalMaxAge: null, httpOnly: false }, user: 'alice' })
  database.sqlite
    .prepare('INSERT INTO sessions (key, record, owner, expires_at) VALUES (?, ?, NULL, ?)')
    .run('legacy', text, start + day)
  at(hour)
  const adopted = await sessions.load('legacy')
  t.match(adopted, { user: 'alice', startedAt: start + hour, cookie: { httpOnly: true } })
  t.equal((await sessions.listByUser('name:alice')).sessions.length, 1)
  for (let time = hour; time < 13 * hour; time += 20 * minute) {
    at(time)
    t.ok(await sessions.load('legacy'))
  }
  at(13 * hour)
  t.equal(await sessions.load('legacy'), undefined)
})
