import t from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { ClusterEndings } from '../../src/endings/cluster-endings.ts'
import { LedgerlessEndings } from '../../src/endings/ledgerless-endings.ts'
import { sessionReader } from '../../src/sessions/claims.ts'
import { RedisStore } from '../../src/sessions/stores/redis-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { eventually } from '../servers/eventually.ts'
import { patience } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'

import { account, day, ending, endingsOn, prefix } from './open-endings.ts'

const server = await startRedis(t)
const open = endingsOn(server)

t.test('every way to end a session logs it before Redis is changed', async (t) => {
  const one = await open(t)
  const { redis, ledger, told } = one
  const reader = sessionReader(readConfig({}).lifetimes)
  const options = { redis, ledger, told, prefix, reader, longestLife: day }
  const owned = { user: 'Ada', account, epoch: 1 }
  const [from, expiresAt] = [JSON.stringify(owned), Date.now() + day]
  const change = (record: object, to?: string) => ({
    ...{ from, to: JSON.stringify({ ...record, gen: 1 }), ownerChange: { from: account, to, expiresAt } }
  })
  const ends: Record<string, (store: RedisStore, key: string) => Promise<unknown>> = {
    revoke: (store, key) => store.revoke(key),
    revokeOf: (store, key) => store.revokeOf(account, key),
    'update to nobody': (store, key) => store.update(key, change({})),
    'update to what a sign-in leaves': (store, key) => store.update(key, change({ movedTo: '' })),
    'update to another user': (store, key) => store.update(key, change({ user: 'Bob' }, 'name:Bob')),
    endAllOf: (store) => store.endAllOf(account),
    revokeSome: (store) => store.revokeSome(account),
    revokeEverything: (store) => store.revokeEverything()
  }
  // A new method of the store has to be one or the other.
  const others = [
    'constructor',
    'prefix',
    'create',
    'load',
    'touch',
    'expire',
    'page',
    'count',
    'applyEndings'
  ]
  others.push('epochOfName', 'era', 'keys', 'durability', 'close')
  const known = new Set([...others, ...Object.keys(ends).map((way) => way.split(' ')[0])])
  t.same(new Set(Object.getOwnPropertyNames(RedisStore.prototype)), known)

  await one.endings.otherInstallation()
  const toLedger = [ledger, ['log', 'endAccount']] as const
  for (const [kind, endings, [place, writes]] of [
    ['one Redis', one.endings, toLedger],
    ['a Cluster', new ClusterEndings(options), toLedger],
    ['a program without the ledger', new LedgerlessEndings(options), [redis, ['rpush']]]
  ] as const) {
    const store = new RedisStore(redis, { prefix, endings })
    for (const [way, end] of Object.entries(ends)) {
      if (way === 'endAllOf' && place === redis) continue
      const key = `${way} on ${kind}`
      await store.create(key, { text: from, expiresAt, owner: account })
      const found: (string | null)[] = []
      const restore = writes.map((name) => {
        const write = Reflect.get(place, name)
        Reflect.set(place, name, async (...args: unknown[]) => {
          await new Promise(setImmediate)
          found.push(await redis.get(prefix + key))
          return Reflect.apply(write, place, args)
        })
        return () => Reflect.set(place, name, write)
      })
      await end(store, key)
      for (const step of restore) step()
      t.equal(found[0], from, key)
      await redis.del(prefix + key)
    }
  }
})

t.test('while the database is away an ending waits in Redis', async (t) => {
  // How long it waits does not matter: the lock is held.
  const { redis, keys, ledger, sqlite, store, end, file, endings } = await open(t, { waits: 50 })
  await store('one')
  await endings.follow()
  const blocking = await openSqlite(file, patience)
  t.teardown(() => blocking.close())
  blocking.sqlite.exec('BEGIN IMMEDIATE')
  t.ok(await end('one'))
  t.equal(await redis.llen(keys.outbox), 1)
  blocking.sqlite.exec('ROLLBACK')
  await endings.follow()
  await endings.follow()
  t.equal(await redis.llen(keys.outbox), 0)
  t.match(await ledger.after({ n: 0, nonce: '' }, 9), [{ kind: 'session', key: 'one' }])
  t.ok(sqlite.isOpen)
})

t.test('an ending that could not be written down anywhere can be done again', async (t) => {
  const { redis, keys, store, end, isThere, file, endings } = await open(t, { waits: 50 })
  await store('one')
  await endings.follow()
  const blocking = await openSqlite(file, patience)
  t.teardown(() => blocking.close())
  blocking.sqlite.exec('BEGIN IMMEDIATE')
  await redis.set(keys.outbox, 'not a list')
  await t.rejects(end('one'))
  t.ok(await isThere('one'))
  blocking.sqlite.exec('ROLLBACK')
  t.ok(await end('one'), 'the second time')
  t.notOk(await isThere('one'))
  await redis.del(keys.outbox)
})

t.test('a ledger without room is a ledger that is away', async (t) => {
  const { redis, keys, ledger, sqlite, store, isThere, end, endings } = await open(t)
  for (const key of ['one', 'another']) await store(key)
  await endings.follow()
  sqlite.exec('PRAGMA max_page_count = 1')
  // The pages that there are have room for some rows.
  for (let failures = 0; failures < 20; ) {
    const isLogged = await ledger.log(ending('x')).then(
      () => true,
      () => false
    )
    failures = isLogged ? 0 : failures + 1
  }
  await end('one')
  await endings.endAllOf(account)
  t.same(await Promise.all(['one', 'another'].map(isThere)), [false, false])
  t.ok((await redis.llen(keys.outbox)) > 0)
  sqlite.exec('PRAGMA max_page_count = 1000000')
  await endings.follow()
  t.equal(await redis.llen(keys.outbox), 0)
  await redis.flushall()
  for (const key of ['one', 'another']) await store(key)
  t.same(await Promise.all(['one', 'another'].map(isThere)), [false, false], 'nothing is lost')
})

t.test('whoever finds that a session is gone finds it written down', async (t) => {
  const { redis, keys, ledger, store, end, file, endings } = await open(t, { waits: 50 })
  const other = await open(t, { file, isEmpty: false })
  await store('one')
  await endings.follow()
  const blocking = await openSqlite(file, patience)
  t.teardown(() => blocking.close())
  blocking.sqlite.exec('BEGIN IMMEDIATE')
  const ending = end('one')
  let written = 0
  const isGone = eventually('it is gone', async () => {
    if ((await other.endings.end('one')) !== null) return undefined
    written = await redis.llen(keys.outbox)
    return true
  })
  await Promise.all([ending, isGone])
  blocking.sqlite.exec('ROLLBACK')
  t.ok(written > 0)
  await endings.follow()
  await endings.follow()
  t.match(await ledger.after({ n: 0, nonce: '' }, 9), [{ kind: 'session', key: 'one' }])
})
