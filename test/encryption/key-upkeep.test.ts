import t from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import type { Database } from '../../src/database/database.ts'
import { KeyRing, keyIdOf } from '../../src/encryption/key-ring.ts'
import { KeyUpkeep, placeOfSeed } from '../../src/encryption/key-upkeep.ts'
import { overEachDatabase } from '../servers/databases.ts'

const [one, two, three] = ['1', '2', '3'].map((digit) => new KeyRing([digit.repeat(32)])) as [
  KeyRing,
  KeyRing,
  KeyRing
]
const keysOf = (...digits: string[]) => new KeyRing(digits.map((digit) => digit.repeat(32)))

/** What is logged when a service with these keys starts. */
async function start({ sql: db }: Database, keys: KeyRing): Promise<readonly string[]> {
  const logged: string[] = []
  const note = (line: string) => logged.push(line)
  const upkeep = new KeyUpkeep({ db, keys, log: { info: note, error: note } })
  upkeep.start()
  await upkeep.settled()
  return logged
}

overEachDatabase(t, async (t, openDatabase) => {
  t.test('a new first key seals everything anew, and the former one can go', async (t) => {
    const database = await openDatabase(t)
    const accounts = new AccountsStore(database)
    t.same(await start(database, one), [])
    const ids: string[] = []
    for (let count = 0; count < 101; count += 1) {
      const key = `account ${count}`
      const { id } = (await accounts.insert({ name: key, key, passwordHash: '' }))!
      ids.push(id)
    }
    const seedOf = (id: string) => one.seal(`seed of ${id}`, placeOfSeed(id))
    const rows = ids.map((id) => ({ id, account_id: id, seed: seedOf(id), last_step: 0, created_at: 0 }))
    await database.sql.insertInto('totp').values(rows).execute()
    const seeds = () => database.sql.selectFrom('totp').select(['account_id', 'seed']).execute()
    t.same(await start(database, one), [])
    t.same((await seeds()).map(({ seed }) => seed).sort(), rows.map(({ seed }) => seed).sort())

    const both = keysOf('2', '1')
    t.match(await start(database, both), [/101 were moved/])
    for (const { account_id, seed } of await seeds()) {
      t.equal(keyIdOf(seed ?? ''), two.currentId)
      t.equal(two.open(seed ?? '', placeOfSeed(account_id)), `seed of ${account_id}`)
    }
    t.same(await start(database, both), [], 'once')
    t.same(await start(database, two), [], 'the former key is not missed')
  })

  t.test('a lost key is found at the start, and may come back', async (t) => {
    const database = await openDatabase(t)
    const { id } = (await new AccountsStore(database).insert({ name: 'A', key: 'a', passwordHash: '' }))!
    await start(database, one)
    const row = {
      id: 'x',
      account_id: id,
      seed: one.seal('seed', placeOfSeed(id)),
      last_step: 0,
      created_at: 0
    }
    await database.sql.insertInto('totp').values(row).execute()
    t.match(await start(database, two), [/one-time codes of one account cannot be checked/])
    t.match(await start(database, keysOf()), [/one-time codes of one account/], 'with no key at all')
    t.match(await start(database, keysOf('2', '1')), [/1 were moved/])
    await database.sql.deleteFrom('totp').execute()
    t.same(await start(database, three), [], 'a key that sealed nothing is not missed')
    const known = await database.sql.selectFrom('data_keys').select('id').execute()
    t.same(known, [{ id: three.currentId }])
  })
})
