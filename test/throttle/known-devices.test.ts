import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { verifiedAccount } from '../../src/accounts/verification.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { DeviceEndingStore, KnownDevices } from '../../src/throttle/known-devices.ts'
import { overEachDatabase } from '../servers/databases.ts'

const passwordHash = '$argon2id$'
const alice = { id: newAccountId(), name: 'Alice', role: 'user' } as const
const bob = { id: newAccountId(), name: 'Bob', role: 'user' } as const

overEachDatabase(t, async (t, openDatabase) => {
  async function open(t: Test) {
    let time = Date.UTC(2026, 0, 2)
    const database = await openDatabase(t)
    const store = new AccountsStore(database, () => time)
    const devices = new KnownDevices(database.sql, () => time)
    await store.insert({ ...alice, key: 'alice', passwordHash })
    const add = async (account: Parameters<KnownDevices['remember']>[0] = alice) =>
      (await devices.remember(account, undefined)) ?? ''
    const isKnown = (id: string, name = 'alice') => devices.isKnown(name, id)
    const pass = (hours: number) => {
      time += hours * 60 * 60 * 1000
    }
    return { store, devices, add, isKnown, pass }
  }

  t.test('a browser is known for the account that signed in there, and keeps its id', async (t) => {
    const { devices, add, isKnown, pass } = await open(t)
    const id = await add()
    t.equal(await isKnown(id), true)
    t.equal(await isKnown(id, 'ALICE'), true)
    t.equal(await isKnown(id, 'bob'), false)
    t.equal(await isKnown('A'.repeat(22)), false)
    t.equal(await devices.remember(alice, id), id)
    pass(2)
    t.equal(await devices.remember(alice, id), id)
    pass(-1)
    t.equal(await devices.remember(alice, id), id, 'noted by a clock that was ahead')
    t.not(await devices.remember(alice, 'A'.repeat(22)), 'A'.repeat(22), 'an unknown id is not taken over')
    t.equal(await devices.remember({ ...alice, id: newAccountId() }, undefined), undefined, 'no account')
    t.equal(await devices.remember({ name: 'Alice', role: 'user' }, undefined), undefined, 'a name alone')
  })

  t.test('ten browsers are known, and the one that was not used for longest goes', async (t) => {
    const { devices, add, isKnown, pass } = await open(t)
    const ids: string[] = []
    for (let n = 0; n < 10; n += 1) {
      ids.push(await add())
      pass(1)
    }
    const [first = '', second = ''] = ids
    await devices.remember(alice, first)
    await add()
    t.equal(await isKnown(first), true)
    t.equal(await isKnown(second), false)
  })

  t.test(
    'a changed password, disabling and removal end it, for the next owner of the name too',
    async (t) => {
      const { store, add, isKnown } = await open(t)
      let id = await add()
      await store.setPasswordHash('alice', passwordHash)
      t.equal(await isKnown(id), false)
      id = await add()
      await store.disable('alice')
      await store.enable('alice')
      t.equal(await isKnown(id), false)
      id = await add()
      await store.remove('alice')
      t.equal(await isKnown(id), false)
      await store.insert({ name: 'Alice', key: 'alice', passwordHash })
      t.equal(await isKnown(id), false)
    }
  )

  t.test('a sign-in that the account has overtaken makes no browser known', async (t) => {
    const { store, add } = await open(t)
    const stored = await store.find('alice')
    const before = verifiedAccount(stored!)
    t.ok(await add(before))
    await store.setPasswordHash('alice', passwordHash)
    t.equal(await add(before), '')
  })

  t.test('ending all sessions of a user or of everybody ends the known browsers', async (t) => {
    const { devices, add, isKnown } = await open(t)
    const { sqlite, close } = await openSqlite(':memory:')
    t.teardown(close)
    const sessions = new DeviceEndingStore(new SqliteStore(sqlite), devices)
    const session = { text: '{}', expiresAt: Date.now() + 24 * 3_600_000, owner: alice.id }
    const endAll = async () => {
      while ((await sessions.revokeSome(alice.id)).length > 0);
    }
    for (const end of [endAll, () => sessions.revokeEverything()]) {
      const id = await add()
      await sessions.create('a key', session)
      t.equal(await isKnown(id), true)
      await end()
      t.equal(await isKnown(id), false)
      t.equal(await sessions.load('a key'), undefined)
    }
  })

  t.test('those of one account are forgotten, or those of everybody', async (t) => {
    const { store, devices, add, isKnown } = await open(t)
    await store.insert({ ...bob, key: 'bob', passwordHash })
    const ids = [await add(), await add(bob)] as const
    await devices.forget(alice.id)
    t.same([await isKnown(ids[0]), await isKnown(ids[1], 'bob')], [false, true])
    await devices.forget()
    t.equal(await isKnown(ids[1], 'bob'), false)
  })
})
