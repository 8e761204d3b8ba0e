import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import type { RevocableSessions } from '../../src/accounts/revocable-sessions.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { SignInUndoneError } from '../../src/errors/errors.ts'
import { Factors } from '../../src/factors/factors.ts'
import { FactorsStore } from '../../src/factors/factors-store.ts'
import { newSeed } from '../../src/factors/one-time-codes.ts'
import { Spent } from '../../src/factors/spent.ts'
import { type OpenDatabase, overEachDatabase } from '../servers/databases.ts'
import { codeOf, somePasskey as passkey } from './examples.ts'

/** The real store of sessions is tried in stories; here it is enough that the change is announced. */
function open(t: Test, openDatabase: OpenDatabase) {
  return async () => {
    const database = await openDatabase(t)
    const accounts = new AccountsStore(database)
    const clock = { now: Date.UTC(2026, 0, 2) }
    const ended: unknown[] = []
    const sessions: RevocableSessions = {
      keyOf: (id) => `key of ${id}`,
      applyChange: async ({ name }, below, keep) => ended.push([name, below, keep]),
      applyRename: async () => {},
      applyEndings: async () => {}
    }
    const keys = new KeyRing(['k'.repeat(32)])
    const now = () => clock.now
    const factors = new Factors({ store: new FactorsStore(database, now), sessions, keys, now })
    const alice = (await accounts.insert({ name: 'Alice', key: 'alice', passwordHash: '$one' }))!
    const stateNow = async () => (await accounts.find('alice'))!
    const seed = newSeed()
    const code = (steps = 0) => codeOf(seed, clock.now + steps * 30_000)
    return { database, accounts, factors, clock, alice, stateNow, seed, code, ended }
  }
}

overEachDatabase(t, async (t, openDatabase) => {
  const setUp = (t: Test) => open(t, openDatabase)()

  t.test('one-time codes are set up by a code, which does not count again', async (t) => {
    const { factors, alice, seed, code, clock, stateNow, ended } = await setUp(t)
    t.equal(await factors.addCodes(alice, { seed, code: '000000' }), undefined)
    t.equal((await factors.of(alice.id)).codes, undefined)
    const added = await factors.addCodes(alice, { seed, code: code() }, { keep: 'id' })
    t.equal(added?.recoveryCodes?.length, 10)
    t.equal(new Set(added?.recoveryCodes).size, 10)
    t.match(await stateNow(), { version: 2, secondFactors: 1 })
    t.same(ended, [['Alice', 2, 'id']], 'all other sessions end')
    t.equal(await factors.takeCode(alice.id, code()), 'used')
    t.equal(await factors.takeCode(alice.id, code(1)), 'right', 'a clock that is a step ahead')
    t.equal(await factors.takeCode(alice.id, code()), 'used', 'of an earlier step')
    clock.now += 60_000
    t.equal(await factors.takeCode(alice.id, code(-2)), 'wrong')
    t.equal(await factors.takeCode(alice.id, code(2)), 'wrong')
    t.equal(await factors.takeCode(alice.id, ` ${code().slice(0, 3)} ${code().slice(3)} `), 'right')
    t.same(await factors.of(alice.id), {
      codes: { createdAt: new Date(Date.UTC(2026, 0, 2)), usedAt: new Date(clock.now), isClosed: false },
      passkeys: [],
      recoveryCodes: { left: 10, createdAt: new Date(Date.UTC(2026, 0, 2)), isClosed: false }
    })
  })

  t.test('of many tries with one code at once one counts', async (t) => {
    const { factors, accounts, alice, seed, code, clock } = await setUp(t)
    const added = await factors.addCodes(alice, { seed, code: code() })
    clock.now += 60_000
    const tries = await Promise.all(Array.from({ length: 10 }, () => factors.takeCode(alice.id, code())))
    t.same(tries.filter((result) => result === 'right').length, 1)
    const [first = ''] = added?.recoveryCodes ?? []
    const taken = await Promise.all(
      Array.from({ length: 30 }, () => factors.takeRecoveryCode(alice.id, first))
    )
    const [right, ...more] = taken.filter(({ result }) => result === 'right')
    t.same(more, [])
    t.equal((await factors.of(alice.id)).recoveryCodes.left, 10)
    const typed = ` ${String(Reflect.get(right ?? {}, 'replacement'))
      .toLowerCase()
      .replaceAll('-', ' ')}`
    t.match(await factors.takeRecoveryCode(alice.id, typed), { result: 'right' })
    t.match(await factors.takeRecoveryCode(alice.id, ''), { result: 'wrong' })
    const bob = (await accounts.insert({ name: 'Bob', key: 'bob', passwordHash: '$two' }))!
    const [, second = ''] = added?.recoveryCodes ?? []
    t.match(await factors.takeRecoveryCode(bob.id, second), { result: 'wrong' }, 'somebody else’s')
    t.match(await factors.takeRecoveryCode(alice.id, second), { result: 'right' })
  })

  t.test('a hundred wrong codes close that factor alone, until it is set up anew', async (t) => {
    const { factors, alice, seed, code, clock, stateNow } = await setUp(t)
    const added = await factors.addCodes(alice, { seed, code: code() })
    clock.now += 60_000
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 10 }, () => factors.takeCode(alice.id, 'wrong')))
    t.equal(await factors.takeCode(alice.id, code()), 'closed')
    t.match(await factors.of(alice.id), { codes: { isClosed: true }, recoveryCodes: { isClosed: false } })
    const [one = '', two = ''] = added?.recoveryCodes ?? []
    t.match(await factors.takeRecoveryCode(alice.id, one), { result: 'right' })
    await Promise.all(Array.from({ length: 100 }, () => factors.takeRecoveryCode(alice.id, 'wrong')))
    t.match(await factors.takeRecoveryCode(alice.id, two), { result: 'closed' })
    const [fresh = ''] = (await factors.newRecoveryCodes(await stateNow())) ?? []
    t.match(await factors.takeRecoveryCode(alice.id, two), { result: 'wrong' })
    t.match(await factors.takeRecoveryCode(alice.id, fresh), { result: 'right' })
    const anew = await factors.addCodes(await stateNow(), { seed, code: code() })
    t.match(anew, { recoveryCodes: undefined, account: { version: 3, secondFactors: 1 } })
    clock.now += 60_000
    t.equal(await factors.takeCode(alice.id, code()), 'right')
  })

  t.test('tries while the key is lost close nothing', async (t) => {
    const { database, factors, clock, alice, stateNow, seed, code } = await setUp(t)
    await factors.addCodes(await stateNow(), { seed, code: code() })
    clock.now += 30_000
    const store = new FactorsStore(database, () => clock.now)
    const keys = new KeyRing(['another'.padEnd(32, '.')])
    const options = { store, sessions: {} as RevocableSessions, keys, now: () => clock.now }
    const withoutKey = new Factors(options)
    for (let tries = 0; tries < 101; tries += 1)
      t.equal(await withoutKey.takeCode(alice.id, code()), 'unreadable')
    t.equal(await factors.takeCode(alice.id, code()), 'right')
  })

  t.test('recovery codes go with the last second factor', async (t) => {
    const { factors, alice, seed, code, stateNow, accounts } = await setUp(t)
    t.equal(await factors.newRecoveryCodes(alice), undefined)
    const [first = ''] = (await factors.addPasskey(alice, passkey))?.recoveryCodes ?? []
    const both = await factors.addCodes(await stateNow(), { seed, code: code() })
    t.match(both, { recoveryCodes: undefined, sessionsEnded: 0, account: { version: 2, secondFactors: 2 } })
    t.match(await factors.removeCodes(await stateNow()), { account: { version: 3, secondFactors: 1 } })
    t.equal(await factors.takeCode(alice.id, code(1)), 'none')
    t.match(await factors.takeRecoveryCode(alice.id, first), { result: 'right' })
    t.match(await factors.removePasskey(await stateNow(), passkey.id), { account: { secondFactors: 0 } })
    t.equal((await factors.of(alice.id)).recoveryCodes.left, 0)
    await t.rejects(factors.removeCodes(await stateNow()), SignInUndoneError)
    await factors.addCodes(await stateNow(), { seed, code: code() })
    t.match(await factors.dropAll(alice.id), { account: { secondFactors: 0, version: 6 } })
    t.match(await factors.of(alice.id), { codes: undefined, passkeys: [], recoveryCodes: { left: 0 } })
    t.equal(await factors.dropAll('nobody'), undefined)
    const recorded = await factors.recorded(alice.id)
    t.match(recorded.map(({ kind, name }) => name ?? kind).sort(), ['Phone', 'codes', 'codes'])
    t.ok(
      recorded.every(({ removedAt }) => removedAt),
      'what was removed is recorded'
    )
    await accounts.remove('alice')
  })

  t.test('of the last two administrators with second factors one keeps them', async (t) => {
    const { accounts, factors } = await setUp(t)
    const people = ['bob', 'carol'].map((key) => ({
      name: key,
      key,
      passwordHash: '$',
      role: 'admin' as const
    }))
    for (const person of people) await accounts.insert(person)
    const exceptLast = true
    for (let round = 0; round < 4; round += 1) {
      const states = await Promise.all(people.map(async ({ key }) => (await accounts.find(key))!))
      for (const [n, state] of states.entries())
        if (!state.secondFactors) await factors.addPasskey(state, { ...passkey, id: `k${round}${n}` })
      const outcomes = await Promise.allSettled(states.map(({ id }) => factors.dropAll(id, { exceptLast })))
      t.same(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], `round ${round}`)
      t.match(
        outcomes.find(({ status }) => status === 'rejected'),
        { reason: { code: 'LATCHKEY_LAST_SECOND_FACTOR' } }
      )
    }
  })

  t.test('a passkey belongs to one account for good', async (t) => {
    const { factors, alice, accounts, stateNow } = await setUp(t)
    const bob = (await accounts.insert({ name: 'Bob', key: 'bob', passwordHash: '$two' }))!
    await factors.addPasskey(alice, passkey)
    t.equal(await factors.addPasskey(bob, passkey), undefined)
    t.match(await factors.findPasskey(passkey.id), { ...passkey, accountId: alice.id, usedAt: undefined })
    t.equal(await factors.usePasskey(passkey.id, { counter: 7, isBackedUp: true }), true)
    t.equal(await factors.renamePasskey(bob.id, passkey.id, 'Mine'), false)
    t.equal(await factors.renamePasskey(alice.id, passkey.id, 'Old phone'), true)
    const [present] = (await factors.of(alice.id)).passkeys
    t.match(present, { name: 'Old phone', counter: 7, isBackedUp: true, usedAt: Date })
    await t.rejects(factors.removePasskey(bob, passkey.id), SignInUndoneError)
    await factors.removePasskey(await stateNow(), passkey.id)
    t.equal(await factors.findPasskey(passkey.id), undefined)
    t.equal(await factors.usePasskey(passkey.id, { counter: 8, isBackedUp: true }), false)
    await t.rejects(factors.addPasskey(bob, passkey), SignInUndoneError)
  })

  t.test('nothing changes of an account that has changed since', async (t) => {
    const { factors, accounts, alice, seed, code } = await setUp(t)
    await accounts.setPasswordHash('alice', '$other')
    await t.rejects(factors.addCodes(alice, { seed, code: code() }), SignInUndoneError)
    await t.rejects(factors.addPasskey(alice, passkey), SignInUndoneError)
    const { passkeys, codes } = await factors.of(alice.id)
    t.same({ passkeys, codes }, { passkeys: [], codes: undefined })
    await accounts.disable('alice')
    await t.rejects(
      factors.addCodes((await accounts.find('alice'))!, { seed, code: code() }),
      SignInUndoneError
    )
  })

  t.test('what is spent is spent', async (t) => {
    const { database, clock } = await setUp(t)
    const spent = new Spent(database.sql, () => clock.now)
    const all = await Promise.all(Array.from({ length: 5 }, () => spent.spend('one', clock.now + 1000)))
    t.same(all.filter(Boolean), [true])
    clock.now += 2 * 24 * 60 * 60 * 1000
    t.equal(await spent.spend('two', clock.now + 1000), true)
    const rows = await database.sql.selectFrom('spent').select('key').execute()
    t.same(rows, [{ key: 'two' }], 'what is over is deleted')
  })
})
