import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { AllAccounts } from '../../src/accounts/all-accounts.ts'
import { PresentAccounts } from '../../src/accounts/present-accounts.ts'
import { Groups } from '../../src/groups/groups.ts'
import { GroupsStore } from '../../src/groups/groups-store.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { overEachDatabase } from '../servers/databases.ts'

overEachDatabase(t, async (t, openDatabase) => {
  async function open(t: Test) {
    const database = await openDatabase(t)
    const { sql } = database
    const accounts = new AccountsStore(database)
    const add = async (name: string) =>
      (await accounts.insert({ name, key: name.toLowerCase(), passwordHash: '$' }))?.id ?? ''
    /** Whose groups have changed since, as all processes learn of it. */
    let last = 0
    const told = async () => {
      const rows = await sql
        .selectFrom('endings')
        .select(['n', 'kind', 'owner'])
        .where('n', '>', last)
        .orderBy('n')
        .execute()
      last = Number(rows.at(-1)?.n ?? last)
      return rows.map(({ kind, owner }) => [kind, owner])
    }
    let calls = 0
    const groups = new Groups({
      store: new GroupsStore(sql),
      tell: async () => {
        calls += 1
      }
    })
    const present = new PresentAccounts({ db: sql })
    return { accounts, add, groups, present, told, sql, calls: () => calls }
  }

  t.test('an account is in any number of groups, and is told of after each change', async (t) => {
    const { accounts, add, groups, present, told, calls } = await open(t)
    const [alice, bob] = [await add('Alice'), await add('Bob')]
    t.match(await groups.add('Family'), { ok: true, name: 'Family' })
    t.match(await groups.add('fAMILY'), { ok: false, error: { code: 'LATCHKEY_NAME_TAKEN' } })
    t.match(await groups.add(' '), { ok: false, error: { code: 'LATCHKEY_BAD_INPUT' } })
    await groups.add('Staff, Zürich')
    t.same(await told(), [], 'a group without members concerns nobody')

    t.same(await groups.join(alice, 'family'), { ok: true, group: 'Family', changed: true })
    t.same(await groups.join(alice, 'Family'), { ok: true, group: 'Family', changed: false })
    await groups.join(alice, 'staff, zürich')
    await groups.join(bob, 'FAMILY')
    t.same(await groups.join(bob, 'nobodys'), { ok: false, reason: 'no group' })
    t.same(await told(), [
      ['facts', alice],
      ['facts', alice],
      ['facts', bob]
    ])
    t.equal(calls(), 4, 'what may have been done before is told too')
    t.same(await groups.of(alice), ['Family', 'Staff, Zürich'])
    t.match(await present.find(alice), { id: alice, name: 'Alice', groups: ['Family', 'Staff, Zürich'] })
    t.ok((await present.find(alice))?.groupKeys.has('staff, zürich'))
    t.match(await groups.list(), [
      { name: 'Family', members: 2 },
      { name: 'Staff, Zürich', members: 1 }
    ])
    t.same(await groups.members('family', { limit: 1 }), ['Alice'])
    t.same(await groups.members('family', { limit: 1, after: 'ALICE' }), ['Bob'])

    t.same(await groups.leave(alice, 'family'), { ok: true, group: 'Family', changed: true })
    t.same(await groups.leave(alice, 'family'), { ok: true, group: 'Family', changed: false })
    t.same(await told(), [['facts', alice]])

    await accounts.disable('bob')
    t.equal(await present.find(bob), undefined, 'who is disabled is nobody')
    await accounts.enable('bob')
    t.same((await present.find(bob))?.groups, ['Family'], 'and is in the same groups afterwards')
    await accounts.remove('bob')
    t.match(await groups.list(), [{ members: 0 }, { members: 1 }], 'a removed account is in none')
    t.match(await accounts.find('alice'), { version: 1 }, 'nobody was signed out')
  })

  t.test('an import makes the groups that are missing, and nobody is told of new accounts', async (t) => {
    const { accounts, add, groups, present, told, sql } = await open(t)
    const all = new AllAccounts(sql, accounts)
    const alice = await add('Alice')
    await groups.add('Family')
    await groups.join(alice, 'family')
    for await (const exported of all.each()) t.match(exported, { name: 'Alice', groups: ['Family'] })
    await told()
    const person = (name: string, more: object) => ({
      ...{ name, key: name.toLowerCase(), passwordHash: '$', ...more }
    })
    const [bob, carol] = [newAccountId(), newAccountId()]
    const people = [
      person('Bob', { id: bob, groups: ['FAMILY', 'Staff', 'staff'] }),
      person('Dave', { groups: ['Staff'] }),
      // Her name is taken; she stays in what she was in.
      person('Alice', { id: alice, groups: ['Admins'] }),
      person('ALICE', { id: carol, key: 'alice', groups: ['Family'] })
    ]
    t.match(await all.add(people.slice(0, 3), { skipTaken: false }), { added: 0, taken: ['Alice'] })
    t.match(await groups.list(), [{ name: 'Family', members: 1 }], 'all or nothing')
    t.match(await all.add(people, { skipTaken: true }), { added: 2, taken: ['Alice', 'ALICE'] })
    t.same(await told(), [])
    t.match(await groups.list(), [
      { name: 'Family', members: 2 },
      { name: 'Staff', members: 2 }
    ])
    t.same((await present.find(bob))?.groups, ['Family', 'Staff'])
    t.same(await groups.of(alice), ['Family'])
    t.same(await groups.of(carol), [], 'whoever is given this id later is in no group')
  })

  t.test('a group that is removed has no members when it comes back', async (t) => {
    const { add, groups, told, present } = await open(t)
    const [alice, bob] = [await add('Alice'), await add('Bob')]
    await groups.add('family')
    for (const account of [alice, bob]) await groups.join(account, 'family')
    await told()
    t.match(await groups.remove('Family'), { name: 'family' })
    t.same(await told(), [['facts', '']], 'one row, however many members')
    t.equal(await groups.remove('family'), undefined)
    await groups.add('family')
    t.same(await groups.of(alice), [])
    t.same((await present.find(bob))?.groups, [])
  })
})
