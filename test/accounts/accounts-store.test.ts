import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { StorageError } from '../../src/errors.ts'
import { overEachDatabase } from '../servers/databases.ts'

const alice = { name: 'Alice', key: 'alice', passwordHash: '$one' }
const bob = { name: 'Bob', key: 'bob', passwordHash: '$two' }
const now = Date.UTC(2026, 0, 2)

overEachDatabase(t, async (t, openDatabase) => {
  const open = async (t: Test) => new AccountsStore((await openDatabase(t)).sql, () => now)

  t.test('an account is found by its key, as it was kept', async (t) => {
    const store = await open(t)
    t.equal(await store.insert(alice), true)
    t.same(await store.find('alice'), {
      name: 'Alice',
      passwordHash: '$one',
      passwordVersion: 1,
      createdAt: new Date(now)
    })
    t.equal(await store.find('Alice'), undefined)
    t.equal(await store.find('bob'), undefined)
  })

  t.test('a second account with the same key is not made and changes nothing', async (t) => {
    const store = await open(t)
    await store.insert(alice)
    t.equal(await store.insert({ ...alice, name: 'ALICE', passwordHash: '$other' }), false)
    t.match(await store.list(), [{ name: 'Alice', passwordHash: '$one' }])
  })

  t.test('the first account is made only while there is none', async (t) => {
    const store = await open(t)
    t.equal(await store.insertFirst(alice), true)
    t.match(await store.find('alice'), { name: 'Alice', passwordHash: '$one', createdAt: new Date(now) })
    t.equal(await store.insertFirst(bob), false)
    t.equal(await store.insertFirst(alice), false)
    t.equal((await store.list()).length, 1)
  })

  t.test('of many first accounts at the same moment one is made', async (t) => {
    for (let round = 0; round < 10; round += 1) {
      const store = await open(t)
      await store.isEmpty()
      const tries = Array.from({ length: 8 }, (_, index) =>
        store.insertFirst({ ...alice, key: `alice${index}` })
      )
      t.equal((await Promise.all(tries)).filter(Boolean).length, 1)
      t.equal((await store.list()).length, 1)
    }
  })

  t.test('accounts are listed by their names', async (t) => {
    const store = await open(t)
    t.same(await store.list(), [])
    await store.insert(bob)
    await store.insert(alice)
    t.same(
      (await store.list()).map(({ name }) => name),
      ['Alice', 'Bob']
    )
  })

  t.test('it is empty until there is an account', async (t) => {
    const store = await open(t)
    t.equal(await store.isEmpty(), true)
    await store.insert(alice)
    t.equal(await store.isEmpty(), false)
  })

  t.test('a new password hash replaces the old one of that account only', async (t) => {
    const store = await open(t)
    await store.insert(alice)
    await store.insert(bob)
    t.equal(await store.setPasswordHash('alice', '$new'), true)
    t.match(await store.find('alice'), { name: 'Alice', passwordHash: '$new', passwordVersion: 2 })
    t.match(await store.find('bob'), { passwordHash: '$two', passwordVersion: 1 })
    t.equal(await store.setPasswordHash('nobody', '$new'), false)
  })

  t.test('another hash of the same password is no other password', async (t) => {
    const store = await open(t)
    await store.insert(alice)
    await store.replaceHash('alice', { from: '$one', to: '$dearer' })
    t.match(await store.find('alice'), { passwordHash: '$dearer', passwordVersion: 1 })
    await store.replaceHash('alice', { from: '$one', to: '$late' })
    t.match(await store.find('alice'), { passwordHash: '$dearer' }, 'and comes too late after a change')
  })

  t.test('text that looks like SQL is only text', async (t) => {
    const store = await open(t)
    const key = `'; drop table accounts; --`
    await store.insert({ ...alice, key })
    t.match(await store.find(key), { name: 'Alice' })
  })

  t.test('a database that cannot answer is a StorageError', async (t) => {
    const { sql } = await openDatabase(t)
    const store = new AccountsStore(sql)
    await sql.schema.dropTable('accounts').execute()
    const attempts: (() => Promise<unknown>)[] = [
      () => store.find('alice'),
      () => store.list(),
      () => store.isEmpty(),
      () => store.reach(),
      () => store.insert(alice),
      () => store.insertFirst(alice),
      () => store.replaceHash('alice', { from: '$one', to: '$two' }),
      () => store.setPasswordHash('alice', '$new')
    ]
    for (const attempt of attempts) await t.rejects(attempt(), StorageError)
  })
})
