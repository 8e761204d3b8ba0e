import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Sessions } from '../../src/sessions/sessions.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { cookie, day, hour, lifetimes, minute, openSessions, second, start } from './open-sessions.ts'

t.test('the start of a session is the current time, whatever its record says', async (t) => {
  const { sessions } = await openSessions(t)
  const kept = await sessions.create('id', { cookie, startedAt: start + 99 * day })
  t.equal(kept.startedAt, start)
})

t.test('an unused session ends after 30 minutes, to the second', async (t) => {
  const { sessions, at } = await openSessions(t)
  await sessions.create('kept', { cookie })
  await sessions.create('lost', { cookie })
  at(30 * minute - second)
  t.ok(await sessions.load('kept'))
  at(30 * minute)
  t.equal(await sessions.load('lost'), undefined)
})

t.test('each use extends a session by 30 minutes', async (t) => {
  const { sessions, at } = await openSessions(t)
  await sessions.create('id', { cookie })
  at(29 * minute)
  t.ok(await sessions.load('id'))
  at(59 * minute - second)
  t.ok(await sessions.load('id'))
  at(89 * minute - second)
  t.equal(await sessions.load('id'), undefined)
})

t.test('a session in use ends after 12 hours, to the second', async (t) => {
  const { sessions, at } = await openSessions(t)
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
  const { sessions, at } = await openSessions(t)
  await sessions.create('kept', { cookie, remember: true })
  await sessions.create('lost', { cookie, remember: true })
  at(14 * day - second)
  t.ok(await sessions.load('kept'))
  at(14 * day)
  t.equal(await sessions.load('lost'), undefined)
})

t.test('a remembered session in use ends after 30 days, to the second', async (t) => {
  const { sessions, at } = await openSessions(t)
  await sessions.create('id', { cookie, remember: true })
  for (const used of [10 * day, 20 * day, 29 * day, 30 * day - second]) {
    at(used)
    t.ok(await sessions.load('id'))
  }
  at(30 * day)
  t.equal(await sessions.load('id'), undefined)
})

t.test('reading extends a session at most once a minute', async (t) => {
  const { sessions, at, rows } = await openSessions(t)
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
    const [bare, cached] = [await openSessions(t), await openSessions(t, { isCached: true })]
    const use = async ({ sessions, at, rows }: typeof bare, time: number) => {
      at(time)
      const session = sessions.peek(sessions.addressOf('id')) ?? (await sessions.find('id'))
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

t.test('shorter lifetimes apply to existing sessions', async (t) => {
  const { sessions, database } = await openSessions(t)
  await sessions.create('id', { cookie })
  const store = new SqliteStore(database.sqlite, () => start + 5 * minute)
  t.teardown(() => store.close())
  const shorter = { ...lifetimes, absolute: 5 * minute }
  const stricter = new Sessions({ store, lifetimes: shorter, ids: 'hashed', now: () => start + 5 * minute })
  t.equal(await stricter.load('id'), undefined)
})

t.test('the last use is known until a session ends, and then it is no longer listed', async (t) => {
  const { sessions, at } = await openSessions(t)
  await sessions.create('id', { cookie, user: 'alice', remember: true })
  for (let used = 10 * day; used < 30 * day; used += 5 * day) {
    at(used)
    await sessions.load('id')
    const [listed] = (await sessions.listByUser('name:alice')).sessions
    t.ok(Math.abs(Number(listed?.seenAt) - start - used) < 2 * second, `after ${used / day} days`)
    t.ok(Number(listed?.endsAt) <= start + 30 * day)
  }
  at(30 * day)
  t.same((await sessions.listByUser('name:alice')).sessions, [])
})

t.test('near its lifetime too a session is written at most once a minute', async (t) => {
  const { sessions, at, database } = await openSessions(t)
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

t.test('a cookie’s own age is the idle time of its session, up to that of remembered sessions', async (t) => {
  const { sessions, at } = await openSessions(t)
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

t.test('the absolute lifetime is the usual one unless the cookie outlives that', async (t) => {
  const { sessions, at } = await openSessions(t)
  await sessions.create('id', { cookie: { originalMaxAge: 8 * hour } })
  at(7 * hour)
  t.ok(await sessions.load('id'))
  at(12 * hour)
  t.equal(await sessions.load('id'), undefined)
})

t.test('a changed age applies at once', async (t) => {
  const { sessions, at } = await openSessions(t)
  const before = await sessions.create('id', { cookie, user: 'alice' })
  await sessions.update('id', { before, after: { ...before, cookie: { originalMaxAge: 7 * day } } })
  at(7 * day - second)
  t.ok(await sessions.load('id'))
})
