import t from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { LedgerlessEndings } from '../../src/endings/ledgerless-endings.ts'
import { installationKey } from '../../src/endings/redis-keys.ts'
import { Told } from '../../src/endings/told.ts'
import { sessionReader } from '../../src/sessions/claims.ts'
import { readConfig } from '../../src/settings/config.ts'
import { eventually } from '../servers/eventually.ts'
import { patience } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'

import { day, endingsOn, prefix } from './open-endings.ts'

const server = await startRedis(t)
const open = endingsOn(server)

t.test(
  'a program without the ledger believes what services write into Redis, and lets them log',
  async (t) => {
    const { redis, db, ledger, keys, store, bump, endings, file } = await open(t, { waits: 50 })
    const told = new Told()
    const reader = sessionReader(readConfig({}).lifetimes)
    const other = new LedgerlessEndings({ redis, told, prefix, reader, longestLife: day })
    const isThere = async (key: string) => (await other.read(key)) !== undefined
    const named = { account: undefined, epoch: undefined }
    await store('before any service', named)
    t.equal(await isThere('before any service'), true)
    await other.end('before any service')
    t.same(await redis.keys('*'), [], 'nobody would take it out of the outbox')

    await endings.follow()
    for (const key of ['ended', 'named', 'held']) await store(key, named)
    await other.end('ended')
    await other.logHandover('handed over', JSON.stringify({ user: 'Ada' }), JSON.stringify({ gen: 1 }))
    t.equal(await redis.llen(keys.outbox), 2)
    await bump(2)
    await endings.follow()
    t.equal(await isThere('named'), false)
    t.ok((await other.epochOfName('name:Ada')) > 0)
    await store('named', { ...named, epoch: await other.epochOfName('name:Ada') })
    t.equal(await isThere('named'), true)

    await store('renamed', { epoch: 2 })
    await db.updateTable('accounts').set({ name: 'Bea', key: 'bea' }).execute()
    await endings.follow()
    t.match(await other.read('renamed'), { label: 'Bea' })
    t.equal(await isThere('named'), false, 'that of the former name alone')
    await store('named', { ...named, epoch: await other.epochOfName('name:Ada') })

    const blocking = await openSqlite(file, patience)
    blocking.sqlite.exec('BEGIN IMMEDIATE')
    await endings.endAllOf('name:Ada')
    t.equal(await isThere('named'), false, 'while the database is away')
    blocking.sqlite.exec('ROLLBACK')
    await blocking.close()
    await endings.follow()
    t.equal(await redis.llen(keys.outbox), 0)
    const rows = (await ledger.after({ n: 0, nonce: '' }, 9)) ?? []
    // The outbox is emptied every few seconds too, so those of it may come between.
    const [accounts, others] = [true, false].map((is) =>
      rows.filter(({ kind }) => (kind === 'account') === is)
    )
    t.match(accounts, [{ kind: 'account' }, { kind: 'account', name: 'Ada', label: 'Bea' }])
    t.match(others, [{ key: 'ended' }, { key: 'handed over', gen: 1 }, { kind: 'name' }])
    await store('deep', { ...named, deep: JSON.parse('['.repeat(2000) + ']'.repeat(2000)) })
    t.equal(await isThere('deep'), false, 'also one that a script of Redis cannot read')
    await endings.endEverything()
    await store('named', { ...named, epoch: 99 })
    t.equal(await isThere('named'), false)
    t.equal(other.era, 1)
  }
)

t.test('a Redis that was emptied knows whose it is as soon as it was followed', async (t) => {
  const { redis, ledger, keys, store, bump, endings } = await open(t)
  const told = new Told()
  const reader = sessionReader(readConfig({}).lifetimes)
  const other = new LedgerlessEndings({ redis, told, prefix, reader, longestLife: day })
  const named = { account: undefined, epoch: undefined }
  await bump(2)
  await endings.follow()
  const epoch = await other.epochOfName('name:Ada')
  await store('one', named)
  t.equal(await other.read('one'), undefined)

  await redis.flushall()
  await store('two', { ...named, epoch })
  await other.end('two')
  t.equal(await redis.llen(keys.outbox), 1, 'it waits for the services that were there before')
  await endings.follow()
  t.equal(await redis.get(installationKey(prefix)), await ledger.id())
  t.equal(await other.epochOfName('name:Ada'), epoch)
  await store('one', named)
  t.equal(await other.read('one'), undefined)

  await redis.del(installationKey(prefix))
  t.equal(await other.epochOfName('name:Ada'), epoch, 'also before a service has said so again')
  t.equal(await other.read('one'), undefined)
  endings.start()
  await eventually('the rows in the ledger', async () => (await redis.llen(keys.outbox)) === 0)
  t.match(await ledger.after({ n: 0, nonce: '' }, 9), [{ kind: 'account' }, { key: 'two' }])
})
