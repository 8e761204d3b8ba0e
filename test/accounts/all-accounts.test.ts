import t, { type Test } from 'tap'
import type { ExportedAccount, NewAccount } from '../../src/accounts/account.ts'
import { parseLines, toLine } from '../../src/accounts/account-lines.ts'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { AllAccounts } from '../../src/accounts/all-accounts.ts'
import type { RevocableSessions } from '../../src/accounts/revocable-sessions.ts'
import type { Database } from '../../src/database/database.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { Factors } from '../../src/factors/factors.ts'
import { FactorsStore } from '../../src/factors/factors-store.ts'
import { newSeed } from '../../src/factors/one-time-codes.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { codeOf, somePasskey } from '../factors/examples.ts'
import { overEachDatabase } from '../servers/databases.ts'

const createdAt = new Date('2026-01-02T03:04:05.678Z')

function person(name: string, more: Partial<NewAccount> = {}): NewAccount {
  return { name, key: name.toLowerCase(), passwordHash: `$${name}`, createdAt, ...more }
}

const hash = `$argon2id$v=19$m=12288,t=3,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`
const now = Date.UTC(2026, 0, 2)

function factorsIn(database: Database) {
  const sessions: RevocableSessions = {
    keyOf: (id) => id,
    applyChange: async () => 0,
    applyRename: async () => {},
    applyEndings: async () => {}
  }
  const store = new FactorsStore(database, () => now)
  return new Factors({ store, sessions, keys: new KeyRing(['k'.repeat(32)]), now: () => now })
}

async function listed(all: AllAccounts) {
  const accounts: ExportedAccount[] = []
  for await (const account of all.each()) accounts.push(account)
  return accounts
}

overEachDatabase(t, async (t, openDatabase) => {
  async function open(t: Test) {
    const database = await openDatabase(t)
    const { sql } = database
    const store = new AccountsStore(database)
    const all = new AllAccounts(sql, store)
    const names = async () => {
      const found: string[] = []
      for await (const { name } of all.each()) found.push(name)
      return found
    }
    return { store, all, names, database }
  }

  t.test('accounts are imported unchanged', async (t) => {
    const { store, all } = await open(t)
    const disabledAt = new Date('2026-02-03T04:05:06.789Z')
    const added = await all.add(
      [
        person('Alice', { role: 'admin', signedInAt: disabledAt }),
        person('Bob', { disabledAt, failedAttempts: 42 })
      ],
      {
        skipTaken: false
      }
    )
    t.same(added, { added: 2, taken: [], renamed: [] })
    t.match(await store.find('alice'), { name: 'Alice', passwordHash: '$Alice', role: 'admin', createdAt })
    const times = (await listed(all)).map(({ signedInAt }) => signedInAt)
    t.same(times, [disabledAt, undefined], 'when somebody signed in last comes along')
    t.match(await store.find('bob'), { role: 'user', disabledAt, version: 1, failedAttempts: 42 })
    const alike = await all.add([person('B\u043eb')], { skipTaken: false })
    t.same(
      alike,
      { added: 1, taken: [], renamed: [] },
      'an administrator may add a name that looks like another'
    )
  })

  t.test('second factors come along, and still count once', async (t) => {
    const { store, all, database } = await open(t)
    const factors = factorsIn(database)
    const seed = newSeed()
    await store.insert(person('Alice'))
    const added = await factors.addCodes((await store.find('alice'))!, { seed, code: codeOf(seed, now) })
    await factors.addPasskey((await store.find('alice'))!, somePasskey)
    await store.insert(person('Bob'))
    const { id } = (await store.find('alice'))!
    await factors.takeCode(id, 'wrong')
    await factors.takeRecoveryCode(id, 'wrong')
    await factors.takeCode((await store.find('bob'))!.id, 'wrong')
    const exported = await listed(all)
    t.equal(exported[1]?.factors, undefined)
    t.notMatch(JSON.stringify(exported), seed)

    const other = await open(t)
    const accounts = exported.map((account) => ({ ...account, key: account.name.toLowerCase() }))
    t.same(await other.all.add(accounts, { skipTaken: false }), { added: 2, taken: [], renamed: [] })
    t.same(await listed(other.all), exported)
    const there = factorsIn(other.database)
    t.same(await there.of(id), await factors.of(id))
    t.equal(await there.takeCode(id, codeOf(seed, now)), 'used')
    t.equal(await there.takeCode(id, codeOf(seed, now + 30_000)), 'right')
    t.match(await there.takeRecoveryCode(id, added?.recoveryCodes?.[0] ?? ''), { result: 'right' })
    t.match(await there.findPasskey(somePasskey.id), { ...somePasskey, accountId: id })
    await other.store.remove('alice')
    t.equal(await there.findPasskey(somePasskey.id), undefined)
  })

  t.test('confirmed addresses come along, and belong to one account here too', async (t) => {
    const { store, all, names } = await open(t)
    const emailAt = new Date('2026-01-02T03:04:05.678Z')
    const alice = person('Alice', {
      email: 'Alice@example.org',
      emailAt,
      language: 'de',
      signInNotices: false
    })
    await all.add([alice], { skipTaken: false })
    t.match(await listed(all), [
      { email: 'Alice@example.org', emailAt, language: 'de', signInNotices: false }
    ])
    t.match(await store.findByEither('alice@example.org', 'alice@example.org'), { name: 'Alice' })
    const people = [
      person('Bob', { email: 'bob@example.org' }),
      person('Carol', { email: 'alice@EXAMPLE.org' })
    ]
    t.same(await all.add(people, { skipTaken: false }), { added: 0, taken: ['Carol'], renamed: [] })
    t.same(await all.add(people, { skipTaken: true }), { added: 1, taken: ['Carol'], renamed: [] })
    t.same(await names(), ['Alice', 'Bob'])
  })

  t.test('what is told of a change, and the way back from it, come along for their time', async (t) => {
    const { all, database, store } = await open(t)
    const formerAddresses = {
      told: [{ id: 'i'.repeat(22), address: 'a.b', until: '2999-01-02T00:00:00.000Z' }],
      waysBack: [{ hash: 'h'.repeat(43), address: 'c.d', until: '2999-01-02T00:00:00.000Z' }]
    }
    const over = {
      told: [{ id: 'o'.repeat(22), address: 'a.b', until: '2026-01-02T00:00:00.000Z' }],
      waysBack: [{ hash: 'v'.repeat(43), address: 'c.d', until: '2026-01-02T00:00:00.000Z' }]
    }
    const people = [person('Alice', { formerAddresses }), person('Bob', { formerAddresses: over })]
    await all.add(people, { skipTaken: false })
    const both = await listed(all)
    t.same(
      both.map(({ formerAddresses }) => formerAddresses),
      [formerAddresses, undefined]
    )
    const parsed = parseLines(both.map((account) => toLine({ ...account, passwordHash: hash })).join('\n'))
    t.match(parsed, { ok: true, accounts: [{ formerAddresses }, { name: 'Bob' }] })
    const [link] = await database.sql.selectFrom('link_tokens').selectAll().execute()
    t.match(link, { purpose: 'undo-address', account_id: (await store.find('alice'))?.id })
  })

  t.test('more accounts than fit into one statement are each added once, in order', async (t) => {
    const { all, names } = await open(t)
    const people = Array.from({ length: 1200 }, (_, index) => person(`p${String(index).padStart(4, '0')}`))
    t.same(await all.add(people.toReversed(), { skipTaken: false }), { added: 1200, taken: [], renamed: [] })
    t.same(
      await names(),
      people.map(({ name }) => name)
    )
  })

  t.test('if one name is taken no account is added and none is overwritten', async (t) => {
    const { store, all, names } = await open(t)
    await store.insert(person('Alice'))
    const people = [...Array.from({ length: 600 }, (_, index) => person(`p${index}`)), person('ALICE')]
    t.same(await all.add(people, { skipTaken: false }), { added: 0, taken: ['ALICE'], renamed: [] })
    t.same(await names(), ['Alice'])
    t.same(await all.add(people, { skipTaken: true }), { added: 600, taken: ['ALICE'], renamed: [] })
    t.match(await store.find('alice'), { name: 'Alice', passwordHash: '$Alice' })
    t.equal((await names()).length, 601)
  })

  t.test('an id stays with its account, and is never given to another name', async (t) => {
    const { store, all, names } = await open(t)
    const id = newAccountId()
    await all.add([person('Alice', { id })], { skipTaken: false })
    t.match(await store.find('alice'), { id })
    const refused = { added: 0, taken: ['Bob'], renamed: [{ name: 'Bob', present: 'Alice' }] }
    for (const skipTaken of [false, true])
      t.same(await all.add([person('Carol'), person('Bob', { id })], { skipTaken }), refused)
    t.same(await names(), ['Alice'])
    t.match(await all.add([person('Alice', { id: newAccountId() })], { skipTaken: true }), {
      added: 0,
      renamed: []
    })
    t.match(await store.find('alice'), { id })
  })
})
