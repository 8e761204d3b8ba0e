import t from 'tap'
import { allOrNothing } from '../../src/database/all-or-nothing.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import type { NewMail } from '../../src/mail/message.ts'
import { Outbox, placeOfFormerAddress, placeOfMail } from '../../src/mail/outbox.ts'

const keys = new KeyRing(['mail'.repeat(8)])
const now = Date.UTC(2026, 0, 2)
const notice: NewMail = { template: 'password-changed', data: { name: 'Ada' }, expiresAt: now + 1000 }

const database = await openSqlite(':memory:')
t.teardown(() => database.close())
const { sql: db } = database
let posted = 0
const outbox = new Outbox({ db, keys, isOn: true, now: () => now, onPost: () => posted++ })

async function account(name: string, email?: string) {
  const id = newAccountId()
  const row = { id, key: name, name, skeleton: name, key_skeleton: name, password_hash: '', version: 1 }
  const address = email ? { email, email_key: email, email_at: now, language: 'de' } : {}
  await db
    .insertInto('accounts')
    .values({ ...row, ...address, created_at: now, first: null, disabled_at: null, kept_session: null })
    .execute()
  return id
}

const post = (message: NewMail, box = outbox) => allOrNothing(database, () => box.post(message))
const recipients = async () =>
  (await db.selectFrom('outbox').selectAll().orderBy('created_at').execute()).map(({ id, recipient }) =>
    keys.open(recipient, placeOfMail('recipient', id))
  )

t.test('a message is written once, sealed, in the language of the account', async (t) => {
  const ada = await account('ada', 'ada@example.org')
  await post({ ...notice, account: ada, once: 'twice' })
  await post({ ...notice, account: ada, once: 'twice' })
  const rows = await db.selectFrom('outbox').selectAll().execute()
  t.match(rows, [{ account_id: ada, language: 'de', next_at: now, tries: 0, sent_at: null }])
  t.notMatch(JSON.stringify(rows), /example|\bAda\b/)
  const [{ id = '', data }] = rows as unknown as [{ id?: string; data: string }]
  t.equal(keys.open(data, placeOfMail('data', id)), '{"name":"Ada"}')
  t.equal(keys.open(data, placeOfMail('data', 'of another row')), undefined)
  t.ok(posted > 0)
  await db.deleteFrom('accounts').where('id', '=', ada).execute()
  t.same(await recipients(), [], 'it is removed with the account')
})

t.test('it goes to former addresses too, until their time is over', async (t) => {
  const bob = await account('bob', 'new@example.org')
  const later = Array.from({ length: 9 }, (_, index) => [
    `${index + 4}`,
    `${index}@example.org`,
    now + 4 + index
  ])
  for (const [id, address, until] of [
    ...later.reverse(),
    ['1', 'old@example.org', now + 1],
    ['2', 'older@example.org', now],
    ['3', 'old@example.org', now + 3]
  ] as [string, string, number][])
    await db
      .insertInto('former_addresses')
      .values({ id, account_id: bob, address: keys.seal(address, placeOfFormerAddress(id)), until })
      .execute()
  await post({ ...notice, account: bob, once: 'both', outlivesAccount: true })
  await db.deleteFrom('accounts').where('id', '=', bob).execute()
  const earliest = ['0@example.org', '1@example.org', '2@example.org']
  t.same((await recipients()).sort(), [...earliest, 'new@example.org', 'old@example.org'], 'no crowd of them')
  await db.deleteFrom('outbox').execute()
})

t.test('nothing is written without an address, without mail, and without a key', async (t) => {
  const eve = await account('eve')
  await post({ ...notice, account: eve })
  await post({ ...notice, account: newAccountId() })
  const to = 'eve@example.org'
  await post({ ...notice, to }, new Outbox({ db, keys, isOn: false }))
  await post({ ...notice, to }, new Outbox({ db, keys: new KeyRing([]), isOn: true }))
  t.same(await recipients(), [])
  await post({ ...notice, account: eve, to })
  t.same(await recipients(), [to])
})

t.test('a transaction that fails leaves nothing', async (t) => {
  const before = await recipients()
  await t.rejects(
    allOrNothing(database, function* () {
      yield* outbox.post({ ...notice, to: 'eve@example.org' })
      throw new Error('no')
    })
  )
  t.same(await recipients(), before)
})
