import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { EmailAddressStore } from '../../src/accounts/email-address-store.ts'
import { EmailAddresses } from '../../src/accounts/email-addresses.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { AddressTakenError, BadInputError, SignInUndoneError } from '../../src/errors/errors.ts'
import { MailStore } from '../../src/mail/mail-store.ts'
import { Outbox, placeOfMail } from '../../src/mail/outbox.ts'
import { type OpenDatabase, overEachDatabase } from '../servers/databases.ts'

const day = 24 * 60 * 60 * 1000
const from = { address: '192.0.2.1' }

/** The real store of sessions is tried in the story; here it is enough that the change is announced. */
async function open(t: Test, openDatabase: OpenDatabase) {
  const database = await openDatabase(t)
  const { sql: db } = database
  const clock = { now: Date.UTC(2026, 0, 2) }
  const now = () => clock.now
  const keys = new KeyRing(['k'.repeat(32)])
  const accounts = new AccountsStore(database)
  const ended: unknown[] = []
  const sessions = {
    applyChange: async ({ name }: { name: string }, below: number) => ended.push([name, below]),
    applyEndings: async () => {}
  }
  const postbox = new Outbox({ db, keys, isOn: true, now })
  const store = new EmailAddressStore({ database, keys, postbox })
  const urlOf = (path: string) => `https://id.example${path}`
  const addresses = new EmailAddresses({ store, sessions, isOn: true, urlOf, now })
  const add = async (key: string) => (await accounts.insert({ name: key, key, passwordHash: '$one' }))!

  /** What was posted since the last call: template, recipient and the token in the link. */
  async function mail() {
    const rows = await db.selectFrom('outbox').selectAll().orderBy('template').execute()
    await db.deleteFrom('outbox').execute()
    return rows.map(({ id, template, recipient, data, account_id }) => {
      const { url, name } = JSON.parse(keys.open(data ?? '', placeOfMail('data', id)) ?? '')
      const to = keys.open(recipient, placeOfMail('recipient', id))
      return {
        template,
        to,
        name,
        account: account_id,
        token: url?.split('?token=')[1] as string | undefined
      }
    })
  }

  /** Asks for an address and confirms it. @returns the link back, if a former address got one */
  async function set(id: string, address: string) {
    await addresses.ask((await accounts.findById(id))!, address, from)
    const [asked] = await mail()
    const confirmed = await addresses.confirm(asked?.token, id, from)
    return { confirmed, back: (await mail())[0] }
  }
  return {
    db,
    accounts,
    addresses,
    add,
    clock,
    ended,
    keys,
    mail,
    set,
    stateOf: accounts.findById.bind(accounts)
  }
}

overEachDatabase(t, async (t, openDatabase) => {
  const setUp = (t: Test) => open(t, openDatabase)

  t.test('an address is on the account once its link was used, once', async (t) => {
    const { accounts, addresses, add, clock, mail, db } = await setUp(t)
    const alice = await add('alice')
    await addresses.ask(alice, 'Alice@Example.org', from)
    t.match(await addresses.waiting(alice.id), { address: 'Alice@example.org' })
    t.notMatch(JSON.stringify(await db.selectFrom('link_tokens').selectAll().execute()), /example/)
    t.equal((await accounts.findById(alice.id))?.email, undefined)
    const [first] = await mail()
    t.match(first, { template: 'confirm-address', to: 'Alice@example.org', account: alice.id })
    t.equal(first?.name, undefined, 'anybody may have typed the address, and chosen the name')

    await addresses.ask(alice, 'alice@example.org', from)
    const [second] = await mail()
    t.equal(await addresses.confirm(first?.token, alice.id, from), undefined, 'the next link takes its place')
    const other = await add('other')
    t.equal(await addresses.confirm(second?.token, other.id, from), undefined, 'another account')
    const both = await Promise.all([1, 2].map(() => addresses.confirm(second?.token, alice.id, from)))
    t.equal(both.filter((one) => one?.ok).length, 1)
    t.match(await accounts.findById(alice.id), {
      email: 'alice@example.org',
      emailAt: new Date(clock.now),
      version: 1
    })
    t.equal(await addresses.waiting(alice.id), undefined)
    t.same(await mail(), [], 'there was no address to be told')
  })

  t.test('a link waits for a day, and no change of the account', async (t) => {
    const { accounts, addresses, add, clock, mail } = await setUp(t)
    const alice = await add('alice')
    await addresses.ask(alice, 'alice@example.org', from)
    const [{ token } = {}] = await mail()
    t.match(await addresses.findConfirmation(token), {
      account: { id: alice.id },
      address: 'alice@example.org'
    })
    clock.now += day
    t.equal(await addresses.findConfirmation(token), undefined)
    t.equal(await addresses.confirm(token, alice.id, from), undefined)
    await addresses.ask(alice, 'alice@example.org', from)
    const [{ token: next } = {}] = await mail()
    await accounts.setPasswordHash('alice', '$two')
    t.equal(await addresses.findConfirmation(next), undefined)
    t.equal(await addresses.confirm(next, alice.id, from), undefined)
    await t.rejects(addresses.ask(alice, 'alice@example.org', from), SignInUndoneError)
    t.same(await mail(), [])
  })

  t.test('of two accounts that confirm one address at once, one gets it', async (t) => {
    const { addresses, add, mail, stateOf } = await setUp(t)
    const both = [await add('alice'), await add('bob')]
    for (const account of both) await addresses.ask(account, 'both@example.org', from)
    const asked = await mail()
    const outcomes = await Promise.all(
      both.map(({ id }) => addresses.confirm(asked.find(({ account }) => account === id)?.token, id, from))
    )
    t.equal(outcomes.filter((outcome) => outcome?.ok).length, 1)
    t.equal(outcomes.filter((one) => one?.ok === false && one.error instanceof AddressTakenError).length, 1)
    const stored = await Promise.all(both.map(({ id }) => stateOf(id)))
    t.equal(stored.filter((account) => account?.email === 'both@example.org').length, 1)
  })

  t.test('who asks for the address of another account learns nothing; its owner does', async (t) => {
    const { addresses, add, mail, set, stateOf } = await setUp(t)
    const [alice, bob] = [await add('alice'), await add('bob')]
    await set(alice.id, 'alice@example.org')
    t.same(addresses.check(bob, 'ALICE@example.org'), { ok: true, address: 'ALICE@example.org' })
    await addresses.ask(bob, 'ALICE@example.org', from)
    t.match(await addresses.waiting(bob.id), { address: 'ALICE@example.org' })
    t.match(await mail(), [
      {
        ...{ template: 'address-taken', to: 'ALICE@example.org', name: 'alice', token: undefined },
        // Who asks is told of a failure in either case.
        account: bob.id
      }
    ])
    t.match(await addresses.set(bob.id, 'alice@EXAMPLE.org', from), { ok: false, error: AddressTakenError })
    await add('carol@example.org')
    t.match((await set(bob.id, 'carol@example.org')).confirmed, undefined, 'the name of an account')
    t.equal((await stateOf(bob.id))?.email, undefined)
    t.match(await addresses.set(alice.id, undefined, from), { ok: true })
    await mail()
    t.match((await set(bob.id, 'alice@example.org')).confirmed, { ok: true }, 'it is free at once')
  })

  t.test('a former address is told, and can take the account back for seven days', async (t) => {
    const { accounts, addresses, add, clock, ended, mail, set, stateOf, db } = await setUp(t)
    const alice = await add('alice')
    await set(alice.id, 'alice@example.org')
    const { back } = await set(alice.id, 'thief@example.org')
    t.match(back, { template: 'address-changed', to: 'alice@example.org', name: 'alice' })
    t.equal((await db.selectFrom('former_addresses').selectAll().execute()).length, 1)
    // A thief goes on.
    await accounts.setPasswordHash('alice', '$thief')
    const { back: thiefs } = await set(alice.id, 'thief2@example.org')
    t.match(thiefs, { to: 'thief@example.org' })
    clock.now += 7 * day - 1
    t.match(await addresses.findUndo(back?.token), {
      account: { name: 'alice' },
      address: 'alice@example.org'
    })
    const undone = await Promise.all([1, 2].map(() => addresses.undo(back?.token, from)))
    t.equal(undone.filter(Boolean).length, 1)
    t.match(undone.find(Boolean), { account: { email: 'alice@example.org', version: 3 } })
    t.same(ended, [['alice', 3]], 'all sessions end')
    const told = await mail()
    t.match(told, [{ template: 'address-changed', to: 'thief2@example.org', token: undefined }])
    t.equal(await addresses.undo(thiefs?.token, from), undefined, 'a later one is over')
    const links = await db.selectFrom('link_tokens').select(['purpose', 'account_version']).execute()
    t.same(links, [{ purpose: 'password', account_version: 3 }])
    t.same(await db.selectFrom('former_addresses').selectAll().execute(), [])

    const { back: last } = await set(alice.id, 'new@example.org')
    clock.now += 7 * day
    t.equal(await addresses.findUndo(last?.token), undefined)
    t.equal(await addresses.undo(last?.token, from), undefined)
    t.match(await stateOf(alice.id), { email: 'new@example.org' })
    const rows = async (table: 'former_addresses' | 'link_tokens') =>
      (await db.selectFrom(table).selectAll().execute()).length
    const store = new MailStore(db)
    await store.deleteOver(clock.now)
    t.same(
      [await rows('former_addresses'), await rows('link_tokens')],
      [1, 1],
      'for a day, in case a clock is wrong'
    )
    await store.deleteOver(clock.now + day + 1)
    t.same([await rows('former_addresses'), await rows('link_tokens')], [0, 0], 'nothing is kept for longer')
  })

  t.test('a thief who takes back what the owner changed does not end the owner’s way back', async (t) => {
    const { addresses, add, clock, set, stateOf } = await setUp(t)
    const alice = await add('alice')
    await set(alice.id, 'alice@example.org')
    const { back: owners } = await set(alice.id, 'thief@example.org')
    clock.now += 1
    const { back: thiefs } = await set(alice.id, 'other@example.org')
    await addresses.undo(thiefs?.token, from)
    t.match(await stateOf(alice.id), { email: 'thief@example.org' })
    t.ok(await addresses.undo(owners?.token, from))
    t.match(await stateOf(alice.id), { email: 'alice@example.org' })
  })

  t.test('an address that went to another account meanwhile is not taken from it', async (t) => {
    const { accounts, addresses, add, set, stateOf } = await setUp(t)
    const [alice, bob] = [await add('alice'), await add('bob')]
    await set(alice.id, 'alice@example.org')
    const { back } = await set(alice.id, 'new@example.org')
    await set(bob.id, 'alice@example.org')
    const undone = await addresses.undo(back?.token, from)
    t.equal(undone?.account.email, undefined)
    t.match(await stateOf(bob.id), { email: 'alice@example.org' })
    const { back: bobs } = await set(bob.id, 'bob@example.org')
    await accounts.disable('bob')
    t.equal(await addresses.undo(bobs?.token, from), undefined, 'a disabled account stays as it is')
    await accounts.remove('bob')
    t.equal(await addresses.findUndo(bobs?.token), undefined)
    t.match((await set((await add('bob')).id, 'bob@example.org')).confirmed, { ok: true })
  })

  t.test('an address can be removed, and set by whoever runs the service', async (t) => {
    const { addresses, add, mail, set, stateOf, db } = await setUp(t)
    const alice = await add('alice')
    t.equal(await addresses.remove(alice, from), undefined, 'there is none')
    await set(alice.id, 'alice@example.org')
    t.match(await addresses.remove(alice, from), { ok: true, former: 'alice@example.org' })
    const [told] = await mail()
    t.match(told, { template: 'address-changed', to: 'alice@example.org', token: /./ })
    const by = { by: { kind: 'command' } } as const
    t.match(await addresses.set(alice.id, 'Alice@Example.net', by), {
      ok: true,
      account: { email: 'Alice@example.net' }
    })
    t.equal(await addresses.findUndo(told?.token), undefined, 'the word of whoever runs it is the last')
    t.match(await addresses.set(alice.id, undefined, by), { ok: true, former: 'Alice@example.net' })
    t.match(await mail(), [{ to: 'Alice@example.net', token: undefined }], 'who may be a thief')
    t.same(await db.selectFrom('link_tokens').selectAll().execute(), [])
    t.same(await db.selectFrom('former_addresses').selectAll().execute(), [])
    t.match(await addresses.set(alice.id, 'no address', by), { ok: false, error: BadInputError })
    t.equal(await addresses.set('nobody', 'x@example.org', by), undefined)
    t.equal((await stateOf(alice.id))?.email, undefined)
  })

  t.test('a link for a new password that was mailed to the former address opens nothing', async (t) => {
    const { addresses, add, db, set, stateOf } = await setUp(t)
    const { id } = await add('alice')
    const links = async () =>
      (await db.selectFrom('link_tokens').select('hash').execute()).map(({ hash }) => hash)
    const byCommand = (address?: string) => addresses.set(id, address, { by: { kind: 'command' } })
    const changes = [
      () => set(id, 'new@example.org'),
      () => addresses.remove(alice, from),
      () => byCommand(),
      () => byCommand('new@example.org')
    ]
    let alice = (await stateOf(id))!
    for (const change of changes) {
      await byCommand('old@example.org')
      alice = (await stateOf(id))!
      const link = { account_id: id, account_version: alice.version, expires_at: Number.MAX_SAFE_INTEGER }
      await db
        .insertInto('link_tokens')
        .values({ ...link, hash: 'mailed', purpose: 'reset' })
        .execute()
      await db
        .insertInto('link_tokens')
        .values({ ...link, hash: 'by hand', purpose: 'password' })
        .execute()
      await byCommand('OLD@example.org')
      t.ok((await links()).includes('mailed'), 'it is the same mailbox')
      await change()
      t.notOk((await links()).includes('mailed'))
      t.ok((await links()).includes('by hand'))
      await db.deleteFrom('link_tokens').execute()
    }
  })

  t.test('an address that is the name stays until the name is another', async (t) => {
    const { addresses, add, set, stateOf } = await setUp(t)
    const { id } = await add('alice@example.org')
    await set(id, 'Alice@example.org')
    const alice = (await stateOf(id))!
    t.match(addresses.check(alice, 'alice@example.org'), { ok: true }, 'the same mailbox')
    t.match(addresses.check(alice, 'Alice@example.org'), { ok: false, error: BadInputError })
    t.match(addresses.check(alice, 'other@example.org'), { ok: false, error: BadInputError })
    t.match(await addresses.remove(alice, from), { ok: false, error: BadInputError })
    t.match(await addresses.set(id, 'other@example.org', from), { ok: false, error: BadInputError })
    t.match((await set(id, 'other@example.org')).confirmed, { ok: false, error: BadInputError })
    t.match(await stateOf(id), { email: 'Alice@example.org' })
  })
})
