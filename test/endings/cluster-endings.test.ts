// group: many-servers
import { join } from 'node:path'
import { Cluster } from 'ioredis'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { ClusterEndings } from '../../src/endings/cluster-endings.ts'
import { Ledger } from '../../src/endings/ledger.ts'
import { installationKey } from '../../src/endings/redis-keys.ts'
import { everyEpoch } from '../../src/endings/store-endings.ts'
import { Told } from '../../src/endings/told.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { ClusterMajority } from '../../src/redis/cluster-majority.ts'
import { connectRedis } from '../../src/redis/connect.ts'
import { sessionReader } from '../../src/sessions/claims.ts'
import { readConfig } from '../../src/settings/config.ts'
import { eventually } from '../servers/eventually.ts'
import { patience } from '../servers/patience.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'

const cluster = await startRedisCluster(t)
const prefix = 'sess:'
const account = newAccountId()
const day = 24 * 3_600_000

/** A process with a frozen clock, over a ledger in a file. */
async function open(
  t: Test,
  { file = join(t.testdir(), 'ledger.db'), isEmpty = true, waits = patience } = {}
) {
  let time = 0
  const database = await openSqlite(file, waits)
  const redis = (await connectRedis(cluster.url, { onLost() {}, onBack() {} }, patience)) as Cluster
  t.ok(redis instanceof Cluster)
  if (isEmpty) await Promise.all(redis.nodes('master').map((node) => node.flushall()))
  const ledger = new Ledger(database.sql)
  const told = new Told()
  const reader = sessionReader(readConfig({}).lifetimes)
  const options = { redis, ledger, told, prefix, reader, longestLife: day }
  const endings = new ClusterEndings(options, () => time)
  const keys = await endings.keys()
  t.teardown(async () => {
    endings.close()
    redis.disconnect()
    await database.close()
  })
  const { sql: db, sqlite } = database
  if (isEmpty) {
    const row = { id: account, key: 'ada', name: 'Ada', skeleton: 'ada', key_skeleton: 'ada', version: 1 }
    const none = { first: null, disabled_at: null, kept_session: null, created_at: 1, password_hash: '' }
    await db
      .insertInto('accounts')
      .values({ ...row, ...none })
      .execute()
  }
  const bump = (version: number, kept: string | null = null) =>
    db.updateTable('accounts').set({ version, kept_session: kept }).execute()
  const store = (key: string, record: object = {}) =>
    redis.set(prefix + key, JSON.stringify({ user: 'Ada', account, epoch: 1, ...record }), 'PX', day)
  const isThere = async (key: string) => (await endings.read(key)) !== undefined
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { redis, ledger, told, endings, keys, sqlite, file, bump, store, isThere, pass }
}

/** Nobody else can write to the file. */
async function lock(t: Test, file: string) {
  const blocking = await openSqlite(file, patience)
  t.teardown(() => blocking.close())
  blocking.sqlite.exec('BEGIN IMMEDIATE')
  return () => blocking.sqlite.exec('ROLLBACK')
}

t.test('what the database has judged counts while the witness looks, for a second', async (t) => {
  const { endings, ledger, store, isThere, bump, pass } = await open(t)
  let asked = 0
  const { judge } = ledger
  ledger.judge = (claim) => {
    asked += 1
    return judge.call(ledger, claim)
  }
  await store('one')
  await endings.follow()
  t.same([await isThere('one'), await isThere('one'), asked], [true, true, 1])
  await store('one', { epoch: 2 })
  t.same([await isThere('one'), asked], [true, 2], 'another record under the same key is judged anew')
  await store('one')
  // Nobody looks: whoever does not look learns nothing, for so long.
  await bump(2)
  pass(999)
  await store('one', { epoch: 2 })
  t.equal(await isThere('one'), true)
  pass(1)
  await store('one')
  t.equal(await isThere('one'), false)
  await endings.follow()
  t.equal(await isThere('one'), false)
})

t.test('each kind of ending that another process has logged is known after a look', async (t) => {
  const one = await open(t)
  const other = await open(t, { file: one.file, isEmpty: false })
  const keys = ['ended', 'passed-on', 'low', 'kept', 'named']
  const records = { named: { account: undefined, epoch: undefined } } as Record<string, object>
  for (const key of keys) await one.store(key, records[key])
  await Promise.all([one.endings.follow(), other.endings.follow()])
  const there = () => Promise.all(keys.map(one.isThere))
  t.same(await there(), [true, true, true, true, true])
  const text = (await one.redis.get('sess:ended')) ?? ''
  await other.endings.end('ended')
  await one.redis.set('sess:ended', text)
  await other.endings.logHandover('passed-on', text, JSON.stringify({ gen: 1 }))
  await one.endings.follow()
  t.same(await there(), [false, false, true, true, true])
  await other.bump(2, 'kept')
  await one.endings.follow()
  t.same(await there(), [false, false, false, true, false])
  t.equal(await other.endings.endEverything(), true)
  await one.endings.follow()
  await one.store('next', { epoch: 2, era: one.endings.era })
  t.same([...(await there()), await one.isThere('next')], [false, false, false, false, false, true])
})

t.test('a session of a renamed account has the present name after a look', async (t) => {
  const { endings, sqlite, store } = await open(t)
  const labelOf = async () => (await endings.read('one'))?.label
  await store('one')
  await endings.follow()
  t.equal(await labelOf(), 'Ada')
  t.equal(await labelOf(), undefined, 'it was judged a moment ago')
  sqlite.exec("UPDATE accounts SET name = 'Bea', key = 'bea'")
  await endings.follow()
  t.same([await labelOf(), await labelOf()], ['Bea', 'Bea'])
  await store('one', { user: 'Bea' })
  t.same([await labelOf(), await labelOf()], ['Bea', undefined])
})

t.test('a ledger that has gone back in time ends everybody, once', async (t) => {
  const first = await open(t)
  await first.endings.follow()
  await first.bump(2)
  const backup = `${first.file}.backup`
  first.sqlite.prepare('VACUUM INTO ?').run(backup)
  await first.bump(3)
  await first.endings.follow()
  await first.store('one', { epoch: 3 })
  t.equal(await first.isThere('one'), true)

  const [next, third] = [
    await open(t, { file: backup, isEmpty: false }),
    await open(t, { file: backup, isEmpty: false })
  ]
  await Promise.all([next.endings.follow(), third.endings.follow()])
  t.equal(await next.isThere('one'), false)
  await next.store('two', { epoch: 2, era: next.endings.era })
  for (const { isThere, endings } of [next, third]) {
    await endings.follow()
    t.equal(endings.era, 1)
    t.equal(await isThere('two'), true)
  }
})

t.test('while the database is away an ending waits in the Cluster', async (t) => {
  const { redis, keys, ledger, store, endings, file } = await open(t, { waits: 50 })
  await store('one')
  await endings.follow()
  const unlock = await lock(t, file)
  t.ok(await endings.end('one'))
  t.equal(await redis.llen(keys.outbox), 1)
  unlock()
  endings.start()
  await eventually('an empty outbox', async () => (await redis.llen(keys.outbox)) === 0)
  t.match(await ledger.after({ n: 0, nonce: '' }, 9), [{ kind: 'session', key: 'one' }])
})

t.test('while the database is away all sessions of somebody end, for every process', async (t) => {
  const one = await open(t, { waits: 50 })
  const other = await open(t, { file: one.file, isEmpty: false })
  const unlucky = await open(t, { file: one.file, isEmpty: false })
  const processes = [one, other, unlucky]
  const records = { one: {}, kept: {}, named: { account: undefined, epoch: undefined } }
  for (const [key, record] of Object.entries(records)) await one.store(key, record)
  const there = () =>
    Promise.all(processes.map(({ isThere }) => Promise.all(Object.keys(records).map(isThere))))
  for (const { endings } of processes) await endings.follow()
  t.same(await there(), Array(3).fill([true, true, true]))

  const unlock = await lock(t, one.file)
  t.equal(await one.endings.endAllOf(account, 'kept'), everyEpoch)
  t.equal(await one.endings.endAllOf('name:Ada'), everyEpoch)
  await t.rejects(one.isThere('one'), { code: 'LATCHKEY_STORAGE_UNAVAILABLE' })
  // As a message does that reaches it.
  other.told.tell({ held: true })
  unlock()
  t.same((await there()).slice(0, 2), Array(2).fill([false, true, false]))
  t.equal(await one.redis.llen(one.keys.outbox), 0)
  unlucky.endings.start()
  await eventually('the message is lost', async () => !(await unlucky.isThere('one')))
})

t.test('another installation with the same prefix is noticed', async (t) => {
  const one = await open(t)
  t.equal(await one.endings.otherInstallation(), undefined)
  const other = await open(t, { file: `${one.file}.other`, isEmpty: false })
  t.equal(await other.endings.otherInstallation(), await one.ledger.id())

  const empty = () => Promise.all(one.redis.nodes('master').map((node) => node.flushall()))
  const isClaimed = async () => (await one.redis.get(installationKey(prefix))) === (await one.ledger.id())
  await empty()
  one.endings.start()
  await eventually('its mark', isClaimed)
  await empty()
  await eventually('its mark, after the Cluster was emptied', isClaimed)
})

t.test('masters are believed for a second after most of them were asked', async (t) => {
  const { redis } = await open(t)
  let [time, changes] = [0, 0]
  const onChange = () => {
    changes += 1
  }
  const majority = new ClusterMajority(redis, { now: () => time, onChange })
  t.teardown(() => majority.close())
  t.equal(majority.isCurrent(), false)
  await eventually('agreement', async () => {
    await majority.ask()
    return majority.isCurrent()
  })
  await majority.ask()
  time += 999
  t.equal(majority.isCurrent(), true)
  time += 1
  t.equal(majority.isCurrent(), false)
  const before = changes
  await majority.ask()
  t.equal(changes, before + 1, 'what was read before is read again')
  t.equal(majority.isCurrent(), true)

  // One of three is left.
  const [, ...away] = cluster.nodes.slice(0, 3)
  for (const node of away) node.pause()
  t.teardown(() => {
    for (const node of away) node.resume()
  })
  time += 1000
  await majority.ask()
  t.equal(majority.isCurrent(), false)
})

// The last one: that master stays as it is.
t.test('a master that knows no other any more is not taken for the Cluster', async (t) => {
  const { redis } = await open(t)
  const majority = new ClusterMajority(redis, { onChange() {} })
  majority.start()
  t.teardown(() => majority.close())
  await eventually('agreement', async () => majority.isCurrent())
  const [alone, ...others] = cluster.nodes
  for (const node of others) await alone!.ask('CLUSTER', 'FORGET', String(await node.ask('CLUSTER', 'MYID')))

  // ioredis asks any node now and then.
  const asked = redis.nodes().find(({ options }) => options.port === alone!.port)
  await new Promise((done) => Reflect.get(redis, 'getInfoFromNode').call(redis, asked, done))
  t.equal(redis.nodes().length, 1, 'it believes that one')
  await eventually('the Cluster', async () => redis.nodes('master').length === 3 && majority.isCurrent())
})
