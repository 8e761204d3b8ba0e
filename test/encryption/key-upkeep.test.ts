import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { allOrNothing } from '../../src/database/all-or-nothing.ts'
import type { Database } from '../../src/database/database.ts'
import { KeyRing, keyIdOf } from '../../src/encryption/key-ring.ts'
import { KeyUpkeep, placeOfSeed } from '../../src/encryption/key-upkeep.ts'
import { sealedColumns } from '../../src/encryption/sealed-columns.ts'
import { Outbox, placeOfMail } from '../../src/mail/outbox.ts'
import { overEachDatabase } from '../servers/databases.ts'

const [one, two, three] = ['1', '2', '3'].map((digit) => new KeyRing([digit.repeat(32)])) as [
  KeyRing,
  KeyRing,
  KeyRing
]
const root = join(import.meta.dirname, '../..')
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

  t.test('mail that waits moves to a new key, and a lost one is told', async (t) => {
    const database = await openDatabase(t)
    const { sql: db } = database
    await start(database, one)
    const outbox = new Outbox({ db, keys: one, isOn: true })
    const message = {
      template: 'test',
      to: 'ada@example.org',
      data: { name: 'Ada' },
      expiresAt: 2 ** 50
    } as const
    await allOrNothing(database, () => outbox.post(message))
    t.match(await start(database, two), [/so 2 texts of mail and links cannot be read\. Add the key/])
    t.match(await start(database, keysOf('2', '1')), [/2 were moved/])
    const row = await db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow()
    t.equal(two.open(row.recipient, placeOfMail('recipient', row.id)), 'ada@example.org')
    t.equal(two.open(row.data ?? '', placeOfMail('data', row.id)), '{"name":"Ada"}')
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

t.test('every place that is sealed moves to a new key', async (t) => {
  const sealing = globSync('src/**/*.ts', { cwd: root }).flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8')
    return [...source.matchAll(/\{ table: '(\w+)', column(?:: '(\w+)')?, account/g)].map(
      ([, table, column]) => ({
        table,
        column
      })
    )
  })
  // A seed in a form, which lives for minutes; the canary of a key is that key's.
  const transient = ['enrolment', 'canary']
  const listed = new Set(sealedColumns.map(({ table, column }) => `${table}.${column}`))
  const places = sealing.filter(
    ({ table, column }) => table !== 'data_keys' && !transient.includes(column ?? '')
  )
  t.ok(places.length >= 6)
  for (const { table, column } of places)
    t.ok(
      [...listed].some((each) => (column ? each === `${table}.${column}` : each.startsWith(`${table}.`))),
      `${table} ${column}`
    )
})
