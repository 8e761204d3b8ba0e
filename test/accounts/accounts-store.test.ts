import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sql } from '#vendor/kysely'
import type { NewAccount } from '../../src/accounts/account.ts'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { FormerNames, renamingOf } from '../../src/accounts/former-names.ts'
import { Renaming } from '../../src/accounts/renaming.ts'
import { openPostgres } from '../../src/database/postgres.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { StorageError } from '../../src/errors/errors.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { moduleUrl, runAtOnce } from '../processes.ts'
import { overEachDatabase } from '../servers/databases.ts'
import { eventually } from '../servers/eventually.ts'
import { patience } from '../servers/patience.ts'
import { emptyDatabase } from '../servers/shared-postgres.ts'

const alice = { name: 'Alice', key: 'alice', passwordHash: '$one' }
const bob = { name: 'Bob', key: 'bob', passwordHash: '$two' }
const now = Date.UTC(2026, 0, 2)

overEachDatabase(t, async (t, openDatabase) => {
  const open = async (t: Test) => new AccountsStore(await openDatabase(t), () => now)

  t.test('an account is found by its key with every field it was stored with', async (t) => {
    const store = await open(t)
    const kept = {
      name: 'Alice',
      passwordHash: '$one',
      createdAt: new Date(now),
      role: 'user',
      disabledAt: undefined,
      version: 1,
      failedAttempts: 0
    }
    const inserted = await store.insert(alice)
    t.match(inserted, kept)
    t.match(inserted?.id, /^[\w-]{22}$/)
    t.same(await store.find('alice'), inserted)
    const { id } = (await store.insert({ ...bob, id: newAccountId() }))!
    t.equal((await store.find('bob'))?.id, id, 'an id that was given')
    await store.remove('bob')
    t.equal(await store.find('Alice'), undefined)
    t.equal(await store.find('bob'), undefined)
  })

  t.test('inserting a second account with the same key changes nothing', async (t) => {
    const store = await open(t)
    await store.insert(alice)
    t.equal(await store.insert({ ...alice, name: 'ALICE', passwordHash: '$other' }), undefined)
    t.match(await store.list(), [{ name: 'Alice', passwordHash: '$one' }])
  })

  t.test('the first account can be created only while there is none', async (t) => {
    const store = await open(t)
    const first = { name: 'Alice', passwordHash: '$one', createdAt: new Date(now), role: 'admin', version: 1 }
    t.match(await store.insertFirst(alice), first)
    t.match(await store.find('alice'), first)
    t.equal(await store.insertFirst(bob), undefined)
    t.equal(await store.insertFirst(alice), undefined)
    t.equal((await store.list()).length, 1)
  })

  t.test('only one of many concurrent first accounts is created', async (t) => {
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

  t.test('a visitor cannot take a name that looks like another, an administrator can', async (t) => {
    const store = await open(t)
    await store.insert(alice)
    const cyrillic = { name: '\u0410lice', key: '\u0430lice', passwordHash: '$two' }
    const capital = { name: 'AIice', key: 'aiice', passwordHash: '$two' }
    const digit = { name: 'a1ice', key: 'a1ice', passwordHash: '$two' }
    for (const account of [cyrillic, capital, digit, alice, { ...alice, name: 'ALICE' }])
      t.equal(await store.insertRegistered(account), undefined, account.key)
    t.match(await store.insertRegistered(bob), { name: 'Bob' })
    t.match(await store.insert(cyrillic), { name: cyrillic.name })
    t.equal(await store.insertRegistered(capital), undefined)
    await store.remove('alice')
    t.equal(await store.insertRegistered(capital), undefined, 'one that looks like it is still there')
    await store.remove(cyrillic.key)
    t.match(await store.insertRegistered(capital), { name: 'AIice' })
    t.equal((await store.list()).length, 2)
  })

  t.test('of many who register look-alikes at once one gets the name', async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const store = await open(t)
      await store.isEmpty()
      const names = ['ann1', 'annl', 'ann\u0406', '\u0430nn1', 'an\u0578l', 'ann\u04cf']
      const tries = names.map((name) => store.insertRegistered({ name, key: name, passwordHash: '$' }))
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

  t.test('the store is empty until the first account is inserted', async (t) => {
    const store = await open(t)
    t.equal(await store.isEmpty(), true)
    await store.insert(alice)
    t.equal(await store.isEmpty(), false)
  })

  t.test('a new password hash affects that account only', async (t) => {
    const store = await open(t)
    await store.insert(alice)
    await store.insert(bob)
    t.match(await store.setPasswordHash('alice', '$new'), { passwordHash: '$new', version: 2 })
    t.match(await store.find('alice'), { name: 'Alice', passwordHash: '$new' })
    t.match(await store.find('bob'), { passwordHash: '$two' })
    t.equal(await store.setPasswordHash('nobody', '$new'), undefined)
  })

  t.test('a hash is replaced only if the account is unchanged since its password was verified', async (t) => {
    const store = await open(t)
    const { id, version } = (await store.insert(alice))!
    const proved = { id, version }
    t.match(await store.replacePasswordHash(proved, '$new'), { passwordHash: '$new', version: version + 1 })
    t.equal(await store.replacePasswordHash(proved, '$late'), undefined, 'the account has changed')
    await store.disable('alice')
    t.equal(
      await store.replacePasswordHash({ ...proved, version: version + 2 }, '$late'),
      undefined,
      'the account is disabled'
    )
    t.equal(await store.replacePasswordHash({ ...proved, id: 'nobody' }, '$late'), undefined)
    t.match(await store.find('alice'), { passwordHash: '$new' })
  })

  t.test('a role is stored for that account only', async (t) => {
    const store = await open(t)
    await store.insert({ ...alice, role: 'admin' })
    await store.insert(bob)
    t.match(await store.list(), [{ role: 'admin' }, { role: 'user' }])
    t.match(await store.setRole('bob', 'admin'), { name: 'Bob', role: 'admin', version: 2 })
    t.match(await store.setRole('alice', 'user'), { name: 'Alice', role: 'user' })
    t.match(await store.list(), [{ role: 'user' }, { role: 'admin' }])
    t.equal(await store.setRole('nobody', 'admin'), undefined)
  })

  t.test('the last administrator who is not disabled stays one, unless forced', async (t) => {
    const store = await open(t)
    const people = ['alice', 'bob', 'carol'].map((key) => ({
      name: key,
      key,
      passwordHash: '$',
      role: 'admin'
    }))
    const ways: ((key: string, force?: boolean) => Promise<unknown>)[] = [
      (key, force) => store.disable(key, { force }),
      (key, force) => store.setRole(key, 'user', { force }),
      (key, force) => store.remove(key, { force })
    ]
    for (let round = 0; round < 5; round += 1) {
      for (const person of people) await store.insert(person as NewAccount)
      await store.disable('carol')
      const both = ['alice', 'bob'].map((key, index) => ways[(round + index) % 3]!(key))
      const outcomes = await Promise.allSettled(both)
      t.same(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], `round ${round}`)
      const left = ['alice', 'bob'].find((_, index) => outcomes[index]?.status === 'rejected')!
      for (const way of ways)
        await t.rejects(way(left), { code: 'LATCHKEY_LAST_ADMINISTRATOR', statusCode: 409 })
      t.match(await store.find(left), { role: 'admin', disabledAt: undefined, version: 1 })
      await ways[round % 3]!(left, true)
      for (const { key } of people) await store.remove(key, { force: true })
    }
    t.equal(await store.remove('nobody'), undefined)
  })

  t.test('nobody gets a name while it is given up, and of two who want a name one gets it', async (t) => {
    const database = await openDatabase(t)
    const [store, names] = [new AccountsStore(database), new FormerNames(database.sql)]
    for (let round = 0; round < 8; round += 1) {
      const { id } = (await store.insert(alice))!
      const other = (await store.insert({ ...bob, key: 'other' }))!.id
      const wanted = { name: 'Carol', key: 'carol', chosenAt: 1 }
      const [carol, also, ...heirs] = await Promise.all([
        store.rename(id, wanted),
        store.rename(other, wanted),
        ...[store.insert(alice), store.insertRegistered(alice)]
      ])
      t.equal([carol, also].filter(Boolean).length, 1, `round ${round}`)
      t.same(heirs, [undefined, undefined])
      if (also) await store.rename(id, { name: 'Dora', key: 'dora' })
      t.equal(await store.insert(alice), undefined, 'it is held')
      const alike = { name: 'A1ice', key: 'a1ice', passwordHash: '$' }
      t.equal(await store.insertRegistered(alike), undefined, 'and for a visitor what looks like it')
      t.match(await store.insert(alike), { name: 'A1ice' })
      t.equal(await store.rename(other, { ...alice, chosenAt: 1 }), undefined)
      t.match(await names.holderOf('alice'), { name: also ? 'Dora' : 'Carol' })
      t.match(await store.rename(id, alice), { id, name: 'Alice', version: 1 }, 'its owner takes it back')
      for (const { name } of await store.list()) await store.remove(name.toLowerCase())
      await store.remove('other')
    }
    t.equal(await store.rename('nobody', alice), undefined)
    const { id } = (await store.insert(bob))!
    await store.rename(id, alice)
    await store.remove('alice')
    t.match(await store.insert(bob), { name: 'Bob' }, 'an account that is gone holds nothing')
  })

  t.test('whoever asked for a name before it was given up does not get it afterwards', async (t) => {
    const database = await openDatabase(t)
    const { kind, sql: db } = database
    // SQLite has one writer.
    if (kind === 'sqlite') return
    const store = new AccountsStore(database)
    const { id } = (await store.insert(alice))!
    let asking: Promise<unknown> = Promise.resolve()
    await db.transaction().execute(async (transaction) => {
      await renamingOf(transaction, id, { name: 'Carol', key: 'carol' }).execute()
      asking = store.insert(alice)
      await eventually('it to wait', async () => {
        const waiting = await sql`SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db)
        return waiting.rows.length > 0
      })
    })
    t.equal(await asking, undefined)
  })

  t.test('what the owner renames is the account as the password was verified', async (t) => {
    const database = await openDatabase(t)
    const [store, names] = [new AccountsStore(database), new FormerNames(database.sql)]
    const sessions = { keyOf: (id: string) => id, applyChange: async () => 0 }
    const applied = { ...sessions, applyRename: async () => {}, applyEndings: async () => {} }
    const renaming = new Renaming({ store, names, sessions: applied })
    const account = (await store.insert(alice))!
    await store.setPasswordHash('alice', '$new')
    await t.rejects(renaming.choose(account, 'carol', account), { code: 'LATCHKEY_SIGN_IN_UNDONE' })
    const state = { id: account.id, version: 2 }
    for (let held = 1; held <= 5; held += 1)
      t.match(await renaming.choose((await store.findById(account.id))!, `carol ${held}`, state), {
        ok: true
      })
    const many = { ok: false, error: { message: /^You have given up 5 names/ } }
    t.match(await renaming.choose(account, 'one more', state), many)
    t.match(await renaming.choose((await store.findById(account.id))!, 'Alice', state), { ok: true }, 'back')
    await store.disable('alice')
    await t.rejects(renaming.choose(account, 'carol 1', { ...state, version: 3 }), {
      code: 'LATCHKEY_SIGN_IN_UNDONE'
    })
  })

  t.test('a disabled account keeps the date on which it was first disabled', async (t) => {
    let time = now
    const store = new AccountsStore(await openDatabase(t), () => time)
    await store.insert(alice)
    t.match(await store.disable('alice'), { disabledAt: new Date(now), version: 2 })
    time += 1000
    t.match(await store.disable('alice'), { disabledAt: new Date(now) })
    t.match(await store.enable('alice'), { name: 'Alice', disabledAt: undefined })
    t.match(await store.find('alice'), { disabledAt: undefined })
    t.equal(await store.disable('nobody'), undefined)
    t.equal(await store.enable('nobody'), undefined)
  })

  t.test('removing an account leaves the others alone', async (t) => {
    const store = await open(t)
    await store.insert(alice)
    await store.insert(bob)
    t.match(await store.remove('alice'), { name: 'Alice' })
    t.equal(await store.find('alice'), undefined)
    t.equal(await store.remove('alice'), undefined)
    t.match(await store.list(), [{ name: 'Bob' }])
  })

  t.test('an account that was changed, or removed and added again, is not unchanged', async (t) => {
    const store = await open(t)
    const { id } = (await store.insert(alice))!
    const state = { id, version: 1 }
    t.equal(await store.isUnchangedSince(state), true)
    await store.disable('alice')
    t.equal(await store.isUnchangedSince(state), false)
    t.equal(await store.isUnchangedSince({ ...state, version: 2 }), false)
    await store.enable('alice')
    t.equal(await store.isUnchangedSince({ ...state, version: 2 }), true)
    await store.remove('alice')
    t.not((await store.insert(alice))?.id, id)
    t.equal(await store.isUnchangedSince(state), false, 'created at the same moment')
  })

  t.test('rehashing a password is not a change of the password', async (t) => {
    const store = await open(t)
    await store.insert(alice)
    await store.replaceHash('alice', { from: '$one', to: '$dearer' })
    t.match(await store.find('alice'), { passwordHash: '$dearer', version: 1 })
    await store.replaceHash('alice', { from: '$one', to: '$late' })
    t.match(await store.find('alice'), { passwordHash: '$dearer' }, 'a rehash after a change is ignored')
  })

  t.test('failed attempts are counted for that account, up to the limit, until they are reset', async (t) => {
    const store = await open(t)
    const { id } = (await store.insert(alice))!
    await store.insert(bob)
    t.equal(await store.countAttempt(id, 2), true)
    t.equal(await store.countAttempt(id, 2), true)
    t.equal(await store.countAttempt(id, 2), false)
    t.equal(await store.countAttempt(id, 3), true, 'a known browser has a higher limit')
    t.match(await store.list(), [{ failedAttempts: 3 }, { failedAttempts: 0 }])
    await store.resetAttempts(id)
    t.match(await store.find('alice'), { failedAttempts: 0, version: 1 })
  })

  t.test('concurrent attempts cannot exceed the limit', async (t) => {
    const store = await open(t)
    const { id } = (await store.insert(alice))!
    const counted = await Promise.all(Array.from({ length: 150 }, () => store.countAttempt(id, 100)))
    t.equal(counted.filter(Boolean).length, 100)
    t.match(await store.find('alice'), { failedAttempts: 100 })
  })

  t.test('an unknown name has no attempts and leaves nothing behind', async (t) => {
    const store = await open(t)
    t.equal(await store.countAttempt('nobody', 100), false)
    await store.resetAttempts('nobody')
    t.same(await store.list(), [])
  })

  t.test('only a new password or enabling the account resets the count', async (t) => {
    const store = await open(t)
    const { id } = (await store.insert(alice))!
    const count = async () => (await store.find('alice'))?.failedAttempts
    const opening: (() => Promise<unknown>)[] = [
      () => store.setPasswordHash('alice', '$new'),
      () => store.replacePasswordHash({ id, version: 2 }, '$newer'),
      () => store.enable('alice')
    ]
    for (const open of opening) {
      await store.countAttempt(id, 1)
      t.equal(await count(), 1)
      await open()
      t.equal(await count(), 0)
    }
    await store.countAttempt(id, 1)
    await store.setRole('alice', 'admin')
    await store.disable('alice', { force: true })
    await store.replaceHash('alice', { from: '$newer', to: '$dearer' })
    t.equal(await count(), 1)
  })

  t.test('text that looks like SQL is only text', async (t) => {
    const store = await open(t)
    const key = `'; drop table accounts; --`
    await store.insert({ ...alice, key })
    t.match(await store.find(key), { name: 'Alice' })
  })

  t.test('a database that cannot answer is a StorageError', async (t) => {
    const database = await openDatabase(t)
    const { sql } = database
    const store = new AccountsStore(database)
    await sql.schema.alterTable('accounts').renameTo('gone').execute()
    const attempts: (() => Promise<unknown>)[] = [
      () => store.find('alice'),
      () => store.list(),
      () => store.isEmpty(),
      () => store.checkWritable(),
      () => store.isOnly('alice'),
      () => store.insert(alice),
      () => store.insertFirst(alice),
      () => store.setPasswordHash('alice', '$new'),
      () => store.replacePasswordHash({ id: 'an id', version: 1 }, '$new'),
      () => store.setRole('alice', 'admin'),
      () => store.disable('alice'),
      () => store.enable('alice'),
      () => store.remove('alice'),
      () => store.replaceHash('alice', { from: '$one', to: '$two' }),
      () => store.countAttempt('an id', 100),
      () => store.resetAttempts('an id'),
      () => store.isUnchangedSince({ id: 'an id', version: 1 })
    ]
    for (const attempt of attempts) await t.rejects(attempt(), StorageError)
  })
})

t.test('attempts of several processes on one file cannot exceed the limit', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const database = await openSqlite(file)
  t.teardown(database.close)
  const store = new AccountsStore(database)
  const { id } = (await store.insert(alice))!
  const outputs = await runAtOnce(3, {
    prepare: `import { AccountsStore } from ${moduleUrl('src/accounts/accounts-store.ts')}
      import { openSqlite } from ${moduleUrl('src/database/sqlite.ts')}
      const database = await openSqlite(${JSON.stringify(file)})
      const store = new AccountsStore(database)`,
    act: `const counting = Array.from({ length: 50 }, () => store.countAttempt('${id}', 100))
      const counted = await Promise.allSettled(counting)
      console.log(counted.filter(({ value }) => value).length)
      await database.close()`
  })
  const counted = outputs.map(Number).reduce((sum, count) => sum + count)
  t.match(await store.find('alice'), { failedAttempts: counted }, `${outputs.join(' + ')}`)
  t.ok(counted > 0 && counted <= 100)
})

t.test('one administrator stays, whatever isolation is the default of PostgreSQL', async (t) => {
  const isolation = encodeURIComponent('-c default_transaction_isolation=repeatable\\ read')
  const url = `${await emptyDatabase(t)}?options=${isolation}`
  const database = await openPostgres(url, { onLost: () => {}, onBack: () => {} }, patience)
  t.teardown(() => database.close())
  const store = new AccountsStore(database, () => now)
  for (let round = 0; round < 5; round += 1) {
    for (const person of [alice, bob]) await store.insert({ ...person, role: 'admin' })
    const both = await Promise.allSettled([store.remove('alice'), store.remove('bob')])
    t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    for (const { key } of [alice, bob]) await store.remove(key, { force: true })
  }
})
