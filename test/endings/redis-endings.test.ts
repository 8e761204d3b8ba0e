import t from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { ClusterEndings } from '../../src/endings/cluster-endings.ts'
import type { NewEnding } from '../../src/endings/ending.ts'
import { floorKeyOf } from '../../src/endings/judge.ts'
import { Told } from '../../src/endings/told.ts'
import { sessionReader } from '../../src/sessions/claims.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { RedisStore } from '../../src/sessions/stores/redis-store.ts'
import { SqliteEndings } from '../../src/sessions/stores/sqlite-endings.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { eventually } from '../servers/eventually.ts'
import { patience } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'

import { account, day, ending, endingsOn, prefix } from './open-endings.ts'

const server = await startRedis(t)
const open = endingsOn(server)

t.test('a change of the account ends all its sessions, and those of its name, in one step', async (t) => {
  const { bump, store, isThere, endings } = await open(t)
  await store('one')
  await store('kept')
  await store('next', { epoch: 2 })
  await store('named', { account: undefined, epoch: undefined })
  await endings.follow()
  t.same(await Promise.all(['one', 'kept', 'next', 'named'].map(isThere)), [true, true, true, true])
  await bump(2, 'kept')
  await endings.follow()
  t.same(await Promise.all(['one', 'kept', 'next', 'named'].map(isThere)), [false, true, true, false])
  await bump(3)
  await endings.follow()
  t.same(await Promise.all(['kept', 'next'].map(isThere)), [false, false])
})

t.test('a Redis that forgot what ended is not believed, from the first answer on', async (t) => {
  const { redis, keys, bump, store, isThere, end, endings } = await open(t)
  for (const key of ['ended', 'low', 'other']) await store(key)
  await endings.follow()
  const before = await redis.hgetall(keys.mark)
  await end('ended')
  await bump(2)
  await endings.follow()
  await t.test('after a dump was restored', async (t) => {
    await redis.del(keys.mark)
    await redis.hset(keys.mark, { n: 0, ...before })
    await store('ended')
    await store('low')
    await store('other', { epoch: 2 })
    t.same(await Promise.all(['ended', 'low', 'other'].map(isThere)), [false, false, true])
  })
  await t.test('after FLUSHALL', async (t) => {
    await redis.flushall()
    await store('ended', { epoch: 2 })
    await store('low')
    await store('other', { epoch: 2 })
    t.same(await Promise.all(['ended', 'low', 'other'].map(isThere)), [false, false, true])
    await endings.follow()
    t.equal(await redis.exists(`${prefix}ended`), 0, 'followed')
    t.same(await Promise.all(['ended', 'low', 'other'].map(isThere)), [false, false, true])
  })
})

t.test('a mark that no follower has written is none', async (t) => {
  const { redis, keys, bump, store, isThere, endings, ledger } = await open(t)
  await bump(2)
  await endings.follow()
  let epoch = 2
  for (const mark of [{ n: 'x' }, { n: '1.5' }, { n: '1e30', nonce: 'another' }, { n: '-5' }, { era: 'x' }]) {
    await store('one', { epoch })
    await redis.hset(keys.mark, mark)
    t.equal(await isThere('one'), true, JSON.stringify(mark))
    epoch += 1
    await bump(epoch)
    await endings.follow()
    t.equal(await isThere('one'), false, JSON.stringify(mark))
  }
  t.equal((await redis.hgetall(keys.mark)).n, String((await ledger.last()).n))
})

t.test('a session that moved is over under its former key, which leads on to it', async (t) => {
  const { redis, keys, store, isThere, endings, ledger } = await open(t)
  await store('former')
  const [from, to] = [(await redis.get(`${prefix}former`)) ?? '', JSON.stringify({ movedTo: 'present' })]
  await endings.logHandover('former', from, to)
  await redis.set(`${prefix}former`, to, 'PX', day)
  await endings.follow()
  t.equal(await redis.get(`${prefix}former`), to)
  await redis.del(keys.mark)
  await redis.set(`${prefix}former`, from, 'PX', day)
  t.equal(await isThere('former'), false, 'it came back with Redis')
  await endings.follow()
  t.equal(await isThere('former'), false)
  t.match(await ledger.after({ n: 0, nonce: '' }, 9), [{ key: 'former', gen: 1 }])

  // The process died before it logged that.
  await redis.set(`${prefix}died`, to, 'PX', day)
  await endings.end('died')
  await redis.del(keys.mark)
  await redis.set(`${prefix}died`, from, 'PX', day)
  t.equal(await isThere('died'), false)
})

t.test('a session that Redis cannot read goes on in its generation, and not below it', async (t) => {
  const { ledger, endings, store, isThere } = await open(t)
  // JSON of JavaScript has halves of characters, that of Redis has none.
  await store('now', { gen: 1, note: '\ud83d' })
  await store('before', { note: '\ud83d' })
  for (const key of ['now', 'before']) await ledger.log({ ...ending(key), gen: 1 } as NewEnding)
  await endings.follow()
  t.same([await isThere('now'), await isThere('before')], [true, false])
})

t.test('what another program stored and somebody ends at its first use is over', async (t) => {
  const { redis, endings, sqlite } = await open(t)
  for (const store of [new RedisStore(redis, { prefix, endings }), new SqliteStore(sqlite)]) {
    const sessions = new Sessions({ store, lifetimes: readConfig({}).lifetimes, ids: 'plain' })
    const text = JSON.stringify({ cookie: { originalMaxAge: null }, user: 'Bob' })
    await store.create('foreign', { text, expiresAt: Date.now() + day, owner: 'name:Bob' })
    const { load } = store
    store.load = async (key) => {
      store.load = load
      const found = await load.call(store, key)
      await store.endAllOf('name:Bob')
      return found
    }
    await sessions.find('foreign')
    t.equal(await sessions.find('foreign'), undefined)
  }
})

t.test('a session that is changed while it moves to another key goes on there', async (t) => {
  const { redis, endings } = await open(t)
  const store = new RedisStore(redis, { prefix, endings })
  const { lifetimes } = readConfig({})
  const sessions = new Sessions({ store, lifetimes, ids: 'plain' })
  const before = await sessions.create('former', { cookie: { originalMaxAge: null }, user: 'Ada' })
  const { update } = store
  store.update = async (key, change) => {
    store.update = update
    await sessions.update('former', { before, after: { ...before, colour: 'blue' } })
    return update.call(store, key, change)
  }
  await sessions.rotate('former', 'present', { before, stamp: {} })
  t.match(await sessions.load('present'), { user: 'Ada', colour: 'blue' })
})

t.test('a follower waits for whoever has logged what it is about to write', async (t) => {
  const { redis, store, isThere, ledger, endings, file, db } = await open(t)
  const other = await open(t, { file, isEmpty: false })
  await store('passed-on')
  await store('ended')
  const from = (await redis.get(`${prefix}passed-on`)) ?? ''
  const to = JSON.stringify({ user: 'Bob', gen: 1 })
  await ledger.log(ending('ended'))
  await endings.logHandover('passed-on', from, to)
  // Just logged, however slow the machine.
  const { after } = other.ledger
  other.ledger.after = async (...words) =>
    (await after.apply(other.ledger, words))?.map((row) => (row.ago === undefined ? row : { ...row, ago: 0 }))
  const following = other.endings.follow()
  await eventually('what was logged before is applied', async () => !(await redis.exists(`${prefix}ended`)))
  t.equal(await redis.get(`${prefix}passed-on`), from)
  await redis.set(`${prefix}passed-on`, to, 'PX', day)
  await following
  t.equal(await isThere('passed-on'), true)
  other.ledger.after = after

  await store('left-behind')
  await endings.log('left-behind', from)
  await db.updateTable('endings').set({ at: 0 }).execute()
  await other.endings.follow()
  t.equal(await redis.exists(`${prefix}left-behind`), 0, 'nobody writes it any more')
})

t.test('two processes that follow at once apply each row', async (t) => {
  const one = await open(t)
  const other = await open(t, { file: one.file, isEmpty: false })
  const keys = Array.from({ length: 2500 }, (_, index) => `session-${index}`)
  await Promise.all(keys.map((key) => one.store(key)))
  await Promise.all(keys.map((key) => one.ledger.log(ending(key))))
  await Promise.all([one.endings.follow(), other.endings.follow(), one.endings.follow()])
  t.equal(await server.count(), 0)
  const mark = await one.redis.hgetall(one.keys.mark)
  t.equal(Number(mark.n), 2500)
})

t.test('a ledger that has gone back in time ends everybody, once', async (t) => {
  const first = await open(t)
  await first.bump(2)
  const backup = `${first.file}.backup`
  first.sqlite.prepare('VACUUM INTO ?').run(backup)
  await first.bump(3)
  await first.endings.follow()
  await first.store('one', { epoch: 3 })
  t.equal(await first.isThere('one'), true)

  const { redis, keys, store, isThere, bump, endings } = await open(t, { file: backup, isEmpty: false })
  await Promise.all([endings.follow(), endings.follow()])
  t.equal(await isThere('one'), false)
  await store('next', { epoch: 2, era: 1 })
  t.equal(await isThere('next'), true, 'the epochs have gone back with it')
  await endings.follow()
  t.equal((await redis.hgetall(keys.mark)).era, '1')
  await bump(3)
  await endings.follow()
  t.equal(await isThere('next'), false, 'and are followed from there')
})

t.test('who ends all others while all are ended is let in no more', async (t) => {
  const { redis, store, endings, isThere, sqlite, file } = await open(t, { waits: 50 })
  // A change of the account ends the sessions of its name too.
  const ways = [
    { key: 'named', owner: 'name:Ada', record: { account: undefined, epoch: undefined } },
    { key: 'mine', owner: account, record: {} }
  ]
  const embedded = new SqliteStore(sqlite)
  for (const { key, owner, record } of ways) {
    const text = JSON.stringify({ user: 'Ada', account, epoch: 1, ...record })
    await store(key, record)
    await embedded.create(key, { text, expiresAt: Date.now() + day, owner })
    for (const ends of [endings, embedded]) {
      await ends.endAllOf(owner, key)
      t.ok(await embedded.load(key))
      if (ends === endings) t.ok(await isThere(key))
    }
    await endings.endAllOf(owner)
    await endings.endAllOf(owner, key)
    t.equal(await isThere(key), false, key)
    await embedded.endAllOf(owner, key)
    t.equal(await embedded.load(key), undefined, key)
  }
  await store('late', { epoch: 20 })
  await endings.follow()
  t.ok(await isThere('late'))
  const blocking = await openSqlite(file, patience)
  t.teardown(() => blocking.close())
  blocking.sqlite.exec('BEGIN IMMEDIATE')
  await endings.endAllOf(account)
  await endings.endAllOf(account, 'late')
  t.equal(await isThere('late'), false, 'nor while the database is away')
  blocking.sqlite.exec('ROLLBACK')
  await redis.flushall()
})

t.test(
  'while the database is away all sessions of somebody end in Redis, and then in the ledger',
  async (t) => {
    const { redis, keys, db, store, isThere, endings, file } = await open(t, { waits: 50 })
    for (const key of ['one', 'kept']) await store(key)
    await store('named', { account: undefined, epoch: undefined })
    await endings.follow()
    const other = await open(t, { file, isEmpty: false })
    await other.endings.follow()
    const blocking = await openSqlite(file, patience)
    t.teardown(() => blocking.close())
    blocking.sqlite.exec('BEGIN IMMEDIATE')
    await endings.endAllOf(account, 'kept')
    await endings.endAllOf('name:Ada')
    t.same(await Promise.all(['one', 'kept', 'named'].map(isThere)), [false, true, false])
    t.same(await Promise.all(['one', 'kept', 'named'].map(other.isThere)), [false, true, false])
    await endings.follow().catch(() => {})
    t.equal(await redis.llen(keys.outbox), 2, 'still away')
    blocking.sqlite.exec('ROLLBACK')
    await Promise.all([endings.follow(), other.endings.follow()])
    await other.endings.follow()
    t.equal(await redis.llen(keys.outbox), 0)
    t.same(await db.selectFrom('accounts').select(['version', 'kept_session']).execute(), [
      { version: 2, kept_session: 'kept' }
    ])
    await store('new', { epoch: 2 })
    t.same(await Promise.all(['one', 'kept', 'named', 'new'].map(isThere)), [false, true, false, true])
    await redis.flushall()
    await store('one')
    t.equal(await isThere('one'), false, 'also in a Redis that has lost it')
  }
)

t.test('a Redis that goes away while it is followed is followed from where it was', async (t) => {
  const { redis, keys, ledger, store, isThere, endings } = await open(t)
  const rows = Array.from({ length: 2500 }, (_, index) => `session-${index}`)
  await Promise.all(rows.map((key) => ledger.log(ending(key))))
  const { after } = ledger
  let reads = 0
  ledger.after = async (...position) => {
    reads += 1
    if (reads === 3) await server.stop()
    return after.apply(ledger, position)
  }
  await t.rejects(endings.follow(), { code: 'LATCHKEY_STORAGE_UNAVAILABLE' })
  await t.rejects(isThere('session-0'), { code: 'LATCHKEY_STORAGE_UNAVAILABLE' })
  await server.start()
  await eventually('it is back', () => redis.ping().catch(() => undefined))
  const mark = Number(await redis.hget(keys.mark, 'n'))
  t.ok(mark > 0 && mark < 2500, `${mark}`)
  for (const key of ['session-2499', 'other']) await store(key)
  t.same(await Promise.all(['session-2499', 'other'].map(isThere)), [false, true])
  await endings.follow()
  t.equal(Number(await redis.hget(keys.mark, 'n')), 2500)
  t.equal(await server.count(), 1)
})

t.test('a session of an account that is gone is over, whether Redis says so or the database', async (t) => {
  const { redis, ledger, told, db, store, isThere, endings } = await open(t)
  const reader = sessionReader(readConfig({}).lifetimes)
  const onCluster = new ClusterEndings({ redis, ledger, told: new Told(), prefix, reader, longestLife: day })
  await store('one')
  await endings.follow()
  t.equal(await isThere('one'), true)
  await db.deleteFrom('accounts').execute()
  t.equal(await onCluster.read('one'), undefined)
  await endings.follow()
  t.equal(await isThere('one'), false)
  await redis.flushall()
  await store('one', { epoch: 99 })
  t.equal(await isThere('one'), false)
  t.equal(told.era, 0)
})

t.test('a session of a renamed account has the present name, also after Redis has lost it', async (t) => {
  const { redis, keys, store, endings, db, bump, told } = await open(t)
  const floor = keys.floor + floorKeyOf(account)
  const rename = (name: string) => db.updateTable('accounts').set({ name, key: name.toLowerCase() }).execute()
  const labelOf = async (key: string) => (await endings.read(key))?.label
  await store('one')
  await store('of the name alone', { account: undefined, epoch: undefined })
  await endings.follow()
  t.equal(await labelOf('one'), undefined)
  for (const name of ['Bea', 'Cleo']) await rename(name)
  await endings.follow()
  t.equal(await labelOf('one'), 'Cleo')
  t.equal(await endings.read('of the name alone'), undefined)
  const isRenamed = () => ['Ada', 'Cleo'].map((user) => told.isRenamed({ owner: account, user }))
  t.same(isRenamed(), [true, false], 'what was cached before is read again')
  told.tell({ floors: [[account, 1, '', 'Bea', 1]] })
  t.same(isRenamed(), [true, false], 'a message that is late')

  await bump(2)
  await endings.follow()
  t.equal(await redis.hget(floor, 'label'), 'Cleo', 'another change leaves it')
  await store('one', { epoch: 2 })
  await redis.del(keys.mark, floor)
  t.equal(await labelOf('one'), 'Cleo', 'from the database')
  await endings.follow()
  t.equal(await redis.hget(floor, 'label'), 'Cleo')

  const sessions = new Sessions({
    store: new RedisStore(redis, { prefix, endings }),
    lifetimes: readConfig({}).lifetimes,
    ids: 'plain'
  })
  const whose = async (id: string) => (await sessions.find(id))?.record.user
  const cookie = { originalMaxAge: null }
  await store('one', { epoch: 2, cookie, startedAt: Date.now() })
  await store('two', { epoch: 2, cookie, startedAt: Date.now() })
  await redis.config('SET', 'min-replicas-to-write', '1')
  t.equal(await whose('one'), 'Cleo', 'while Redis takes no writes')
  await redis.config('SET', 'min-replicas-to-write', '0')
  t.match(JSON.parse((await redis.get(`${prefix}one`)) ?? ''), { user: 'Ada' })
  t.equal(await whose('one'), 'Cleo')
  t.match(JSON.parse((await redis.get(`${prefix}one`)) ?? ''), { user: 'Cleo', account })
  const before = (await sessions.find('two'))!.record
  await store('two', { ...before, user: 'Ada' })
  t.match((await sessions.rotate('two', 'three', { before, stamp: {} }))?.record, { user: 'Cleo' })
  await sessions.create('four', { cookie, user: 'Ada', account, epoch: 2 })
  await sessions.applyRename({ id: account, name: 'Cleo' }, 'Ada')
  await sessions.tidied()
  t.match(JSON.parse((await redis.get(`${prefix}four`)) ?? ''), { user: 'Cleo' }, 'for programs that read it')

  await db.deleteFrom('accounts').execute()
  await endings.follow()
  t.equal(await redis.hexists(floor, 'label'), 0, 'who comes back under the id may have another name')
})

t.test('a Redis that may evict floors is not believed', async (t) => {
  const { redis, bump, store, isThere, endings } = await open(t)
  await server.configure('maxmemory-policy', 'allkeys-lru')
  t.teardown(() => server.configure('maxmemory-policy', 'noeviction'))
  await store('one')
  await bump(2)
  await endings.follow()
  await redis.del(...(await redis.keys('sess-floor:*')))
  t.equal(await isThere('one'), false)
})

t.test('it follows by itself, also after the connection broke', async (t) => {
  const { redis, bump, store, isThere, endings } = await open(t)
  endings.start()
  await store('one')
  await bump(2)
  await eventually('a floor', async () => (await redis.keys('sess-floor:*')).length > 0)
  await server.ask('CLIENT', 'KILL', 'TYPE', 'normal')
  const answer = await eventually('an answer', async () => ({ isThere: await isThere('one') }))
  t.same(answer, { isThere: false })
})

t.test('a clock that was set back after a name was ended holds up one request at most', async (t) => {
  const { endings, redis, keys, sqlite } = await open(t)
  const n = Number(await endings.endAllOf('name:Bob'))
  const hour = 3_600_000
  await redis.hincrby(keys.floor + floorKeyOf('name:Bob'), 'at', 2 * hour)
  sqlite.exec(`UPDATE endings SET at = at + ${2 * hour}`)
  for (const store of [endings, new SqliteEndings(sqlite)]) {
    t.equal(await store.epochOfName('name:Bob', 0), n - 1, 'it may have been begun before')
    t.equal(await store.epochOfName('name:Bob', hour), n, 'begun after the ending was seen')
  }
})

t.test('another installation with the same prefix is noticed', async (t) => {
  const one = await open(t)
  await one.endings.follow()
  t.equal(await one.endings.otherInstallation(), undefined)
  const other = await open(t, { file: `${one.file}.other`, isEmpty: false })
  await other.endings.follow()
  t.equal(await other.endings.otherInstallation(), await one.ledger.id())
  t.equal(await one.endings.otherInstallation(), undefined)
})
