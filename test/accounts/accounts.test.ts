import t, { type Test } from 'tap'
import { Accounts } from '../../src/accounts/accounts.ts'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { Passwords } from '../../src/accounts/passwords.ts'
import type { Registration } from '../../src/accounts/registration.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import {
  BadInputError,
  NameTakenError,
  RegistrationClosedError,
  StorageError
} from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { overEachDatabase } from '../servers/databases.ts'

const passwords = new Passwords({ memoryKiB: 1024, passes: 2, lanes: 1 })
const password = 'correct horse battery'
const alice = { username: 'Alice', password }
const bob = { username: 'Bob', password }

const sessionsDatabase = await openSqlite(':memory:')
const { lifetimes } = readConfig({})
const sessions = new Sessions({
  store: new SqliteStore(sessionsDatabase.sqlite),
  lifetimes,
  ids: 'hashed'
})
t.teardown(async () => {
  await sessions.close()
  await sessionsDatabase.close()
})

overEachDatabase(t, async (t, openDatabase) => {
  async function open(t: Test, registration: Registration = 'open') {
    const database = await openDatabase(t)
    const store = new AccountsStore(database)
    return new Accounts({ store, passwords, sessions, registration, passwordMinLength: 15 })
  }

  t.test(
    'with REGISTRATION=first the first visitor can register, as administrator, and the second cannot',
    async (t) => {
      const accounts = await open(t, 'first')
      t.equal(await accounts.acceptsRegistration(), true)
      t.match(await accounts.register(alice), { ok: true, account: { name: 'Alice', role: 'admin' } })
      t.equal(await accounts.acceptsRegistration(), false)
      t.match(await accounts.register(bob), { ok: false, field: undefined, error: RegistrationClosedError })
      t.equal((await accounts.list()).length, 1)
    }
  )

  t.test('of two concurrent first registrations exactly one creates an account', async (t) => {
    const accounts = await open(t, 'first')
    const results = await Promise.all([accounts.register(alice), accounts.register(bob)])
    t.equal(results.filter((result) => result.ok).length, 1)
    t.equal((await accounts.list()).length, 1)
    t.match(
      results.find((result) => !result.ok),
      { error: RegistrationClosedError }
    )
  })

  t.test('with REGISTRATION=open anybody can register', async (t) => {
    const accounts = await open(t, 'open')
    t.equal(await accounts.acceptsRegistration(), true)
    t.match(await accounts.register(alice), { ok: true })
    t.equal(await accounts.acceptsRegistration(), true)
    t.match(await accounts.register(bob), { ok: true })
  })

  t.test(
    'with REGISTRATION=closed nobody can register, and an administrator can still add accounts',
    async (t) => {
      const accounts = await open(t, 'closed')
      t.equal(await accounts.acceptsRegistration(), false)
      t.match(await accounts.register(alice), { ok: false, field: undefined, error: RegistrationClosedError })
      t.equal(await accounts.isEmpty(), true)
      t.match(await accounts.add(alice), { ok: true, account: { name: 'Alice' } })
      t.equal(await accounts.isEmpty(), false)
    }
  )

  t.test('a taken name is refused in any spelling', async (t) => {
    const accounts = await open(t)
    await accounts.register(alice)
    for (const username of ['Alice', 'ALICE', 'ａlice']) {
      const refused = await accounts.register({ username, password })
      t.match(refused, { ok: false, field: 'username', error: NameTakenError }, username)
    }
  })

  t.test(
    'a name that looks like another is refused as a taken one, and an administrator may add it',
    async (t) => {
      const accounts = await open(t)
      await accounts.register(alice)
      const alike = [
        '\u0430lice',
        'AIice',
        'a1ice',
        'al\u0456ce',
        '\u0251lice',
        '  alice'.trim(),
        'A\u217cice'
      ]
      for (const username of alike.slice(0, 6)) {
        const refused = await accounts.register({ username, password })
        t.match(refused, { ok: false, field: 'username', error: NameTakenError }, username)
      }
      t.match(await accounts.add({ username: '\u0430lice', password }), { ok: true })
      t.match(await accounts.register({ username: 'alyce', password }), { ok: true })
    }
  )

  t.test('of two concurrent registrations of one name exactly one succeeds', async (t) => {
    const accounts = await open(t)
    const results = await Promise.all([accounts.register(alice), accounts.register(alice)])
    t.equal(results.filter((result) => result.ok).length, 1)
    t.match(
      results.find((result) => !result.ok),
      { error: NameTakenError }
    )
  })

  t.test('a bad name or password is refused with the field and the reason', async (t) => {
    const accounts = await open(t)
    t.match(await accounts.register({ username: ' alice', password }), {
      field: 'username',
      error: BadInputError,
      ok: false
    })
    const short = await accounts.add({ username: 'alice', password: 'short' })
    t.match(short, { ok: false, field: 'password', error: { message: /has 5 characters, it needs 15/ } })
    t.equal(await accounts.isEmpty(), true)
  })

  t.test('only the right name and password are accepted', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    t.match(await accounts.verify(alice), { ok: true, account: { name: 'Alice' } })
    t.same(await accounts.verify({ ...alice, password: `${password}!` }), { ok: false })
    t.same(await accounts.verify({ ...alice, password: '' }), { ok: false })
    t.same(await accounts.verify({ username: 'Nobody', password }), { ok: false })
    t.same(await accounts.verify({ username: '', password: '' }), { ok: false })
    t.same(await accounts.verify({ username: 'A\0lice', password }), { ok: false })
    t.same(await accounts.verify({ username: 'A\uD800lice', password }), { ok: false })
  })

  t.test('names are compared without case and shown as written', async (t) => {
    const accounts = await open(t)
    await accounts.add({ username: 'Alice Liddell', password })
    const verification = await accounts.verify({ username: 'ALICE liddell ', password })
    t.match(verification, { ok: true, account: { name: 'Alice Liddell' } })
  })

  t.test('a password cannot be changed to a bad one, or for an unknown name', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    t.match(await accounts.changePassword({ ...alice, password: 'short' }), {
      ok: false,
      reason: message('passwords.tooShort', { count: 5, least: 15 })
    })
    t.same(await accounts.changePassword(bob), {
      ok: false,
      reason: message('names.nobodys', { name: 'Bob' })
    })
    t.match(await accounts.verify(alice), { ok: true })
  })

  t.test('after a change only the new password is accepted', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    t.match(await accounts.changePassword({ username: 'ALICE', password: 'another horse battery' }), {
      ok: true
    })
    t.same(await accounts.verify(alice), { ok: false })
    t.match(await accounts.verify({ ...alice, password: 'another horse battery' }), { ok: true })
  })

  t.test('a password verified before a change never counts again', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    const proved = await accounts.verify(alice)
    const account = proved.ok ? proved.account : { id: '', name: '', role: 'user' as const }
    t.equal(await accounts.isUnchangedSince(account), true)
    await accounts.changePassword({ ...alice, password: 'another horse battery' })
    t.equal(await accounts.isUnchangedSince(account), false)
    await accounts.changePassword(alice)
    t.equal(await accounts.isUnchangedSince(account), false, 'not even after it is changed back')
    t.equal(
      await accounts.isUnchangedSince({ id: account.id, name: 'Alice', role: 'user' }),
      true,
      'an account whose password was not verified is not compared'
    )
  })

  t.test('a password beyond every limit is refused', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    t.same(await accounts.verify({ ...alice, password: 'a'.repeat(60_000) }), { ok: false })
    t.match(await accounts.register({ ...bob, password: 'a'.repeat(257) }), { ok: false, field: 'password' })
  })

  t.test('the longest password works in NFD too', async (t) => {
    const accounts = await open(t)
    const longest = `${password} ${'ệ'.repeat(234)}`
    await accounts.add({ ...alice, password: longest })
    t.match(await accounts.verify({ ...alice, password: longest }), { ok: true })
    t.match(await accounts.verify({ ...alice, password: longest.normalize('NFD') }), { ok: true })
  })

  t.test('only the hash of a password is stored', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    const [account] = await accounts.list()
    t.match(account?.passwordHash, /^\$argon2id\$/)
    t.notMatch(JSON.stringify(account), password)
  })

  t.test('a database that cannot answer is a StorageError', async (t) => {
    const database = await openDatabase(t)
    const store = new AccountsStore(database)
    const accounts = new Accounts({
      store,
      passwords,
      sessions,
      registration: 'first',
      passwordMinLength: 15
    })
    await database.sql.schema.alterTable('accounts').renameTo('gone').execute()
    await t.rejects(accounts.verify(alice), StorageError)
    await t.rejects(accounts.register(alice), StorageError)
    await t.rejects(accounts.changePassword(alice), StorageError)
  })

  t.test('a sign-in rehashes an old hash at the current cost, once', async (t) => {
    const database = await openDatabase(t)
    const store = new AccountsStore(database)
    const options = { store, sessions, registration: 'open', passwordMinLength: 15 } as const
    await new Accounts({ ...options, passwords }).add(alice)
    const raised = new Accounts({
      ...options,
      passwords: new Passwords({ memoryKiB: 2048, passes: 2, lanes: 1 })
    })
    const hash = async () => (await raised.list())[0]?.passwordHash ?? ''

    await raised.verify({ ...alice, password: 'not the password' })
    t.match(await hash(), 'm=1024')
    t.match(await raised.verify(alice), { ok: true })
    const renewed = await hash()
    t.match(renewed, 'm=2048')
    t.match(await raised.verify(alice), { ok: true })
    t.equal(await hash(), renewed)
  })

  t.test('a disabled account gets the same answer as a wrong password, until it is enabled', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    t.match(await accounts.disable('ALICE'), { ok: true, account: { name: 'Alice', disabledAt: Date } })
    t.same(await accounts.verify(alice), { ok: false })
    t.match(await accounts.enable('alice'), { name: 'Alice', disabledAt: undefined })
    t.match(await accounts.verify(alice), { ok: true })
  })

  t.test('after a hundred wrong passwords in a row the right one is refused too', async (t) => {
    const database = await openDatabase(t)
    const store = new AccountsStore(database)
    const machines = [1, 2, 3].map(() => {
      const passwords = new Passwords({ memoryKiB: 1024, passes: 2, lanes: 1 }, { maxConcurrent: 2 })
      return new Accounts({ store, passwords, sessions, registration: 'open', passwordMinLength: 15 })
    })
    await machines[0]!.add(alice)
    const wrong = Array.from({ length: 150 }, (_, n) =>
      machines[n % 3]!.verify({ ...alice, password: `${n}` })
    )
    t.equal((await Promise.all(wrong)).filter(({ ok }) => ok).length, 0)
    t.match(await store.find('alice'), { failedAttempts: 100 })
    t.same(await machines[0]!.verify(alice), { ok: false, reason: 'closed' })
    t.same(await machines[0]!.verify({ ...alice, password: 'wrong' }), { ok: false, reason: 'closed' })
  })

  t.test('the right password resets the count, under either limit', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    for (let tries = 0; tries < 3; tries += 1)
      await accounts.verify({ ...alice, password: 'wrong' }, { max: 3 })
    t.match(await accounts.verify(alice, { max: 3 }), { ok: false })
    t.match(await accounts.verify(alice, { max: 4 }), { ok: true })
    t.match(await accounts.find('alice'), { failedAttempts: 0 })
    t.match(await accounts.verify(alice, { max: 3 }), { ok: true })
  })

  t.test('an attempt that cannot be counted reveals nothing about the password', async (t) => {
    const database = await openDatabase(t)
    const store = new AccountsStore(database)
    const accounts = new Accounts({ store, passwords, sessions, registration: 'open', passwordMinLength: 15 })
    await accounts.add(alice)
    await database.sql.schema.alterTable('accounts').renameColumn('failed_attempts', 'elsewhere').execute()
    await t.rejects(accounts.verify(alice), StorageError)
    await t.rejects(accounts.verify({ ...alice, password: 'wrong' }), StorageError)
    t.match(await accounts.find('alice'), { name: 'Alice' }, 'the account can still be read')
  })

  t.test('the right password of a disabled account counts as a wrong one', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    await accounts.disable('alice')
    await accounts.verify(alice)
    t.match(await accounts.find('alice'), { failedAttempts: 1 })
  })

  t.test('a removed account cannot sign in, and its name can be used again', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    t.match(await accounts.remove('alice'), { ok: true, account: { name: 'Alice' } })
    t.same(await accounts.verify(alice), { ok: false })
    t.equal(await accounts.find('alice'), undefined)
    t.match(await accounts.add(alice), { ok: true })
  })

  t.test('roles can be granted and revoked', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice, 'admin')
    await accounts.add(bob)
    t.match(await accounts.verify(alice), { account: { role: 'admin' } })
    t.match(await accounts.verify(bob), { account: { role: 'user' } })
    await accounts.setRole('bob', 'admin')
    await accounts.setRole('alice', 'user')
    t.match(await accounts.verify(alice), { account: { role: 'user' } })
    t.match(await accounts.verify(bob), { account: { role: 'admin' } })
  })

  t.test('changing an unknown account is refused', async (t) => {
    const accounts = await open(t)
    const nobody = { ok: false, reason: message('names.nobodys', { name: 'nobody' }) }
    t.same(await accounts.disable('nobody'), nobody)
    t.same(await accounts.remove('nobody'), nobody)
    t.same(await accounts.setRole('nobody', 'admin'), nobody)
    t.equal(await accounts.enable('nobody'), undefined)
  })

  const changes: Record<string, (accounts: Accounts) => Promise<unknown>> = {
    'another password': (accounts) =>
      accounts.changePassword({ ...alice, password: 'another horse battery' }),
    'another role': (accounts) => accounts.setRole('alice', 'admin'),
    disabling: (accounts) => accounts.disable('alice'),
    removing: (accounts) => accounts.remove('alice')
  }

  for (const [change, make] of Object.entries(changes)) {
    t.test(`${change} revokes the person’s sessions and no others`, async (t) => {
      const accounts = await open(t)
      await accounts.add(alice)
      const [hers, his] = [`hers ${change}`, `his ${change}`]
      await sessions.create(hers, { cookie: { originalMaxAge: null }, user: 'Alice' })
      await sessions.create(his, { cookie: { originalMaxAge: null }, user: 'Bob' })
      t.match(await make(accounts), { ok: true, sessionsEnded: 1 })
      t.equal(await sessions.load(hers), undefined)
      t.ok(await sessions.load(his))
    })

    t.test(`after ${change} earlier verifications do not count, even once it is undone`, async (t) => {
      const accounts = await open(t)
      await accounts.add(alice)
      const attempt = await accounts.verify(alice)
      if (!attempt.ok) return t.fail()
      t.equal(await accounts.isUnchangedSince(attempt.account), true)
      await make(accounts)
      t.equal(await accounts.isUnchangedSince(attempt.account), false)
      await accounts.add(alice)
      await accounts.changePassword(alice)
      await accounts.setRole('alice', 'user', { force: true })
      await accounts.enable('alice')
      t.match(await accounts.verify(alice), { ok: true })
      t.equal(await accounts.isUnchangedSince(attempt.account), false)
    })
  }

  t.test('a change of password can keep one session', async (t) => {
    const accounts = await open(t)
    await accounts.add(alice)
    for (const id of ['kept', 'other'])
      await sessions.create(id, { cookie: { originalMaxAge: null }, user: 'Alice' })
    const changed = await accounts.changePassword(
      { ...alice, password: 'another horse battery' },
      { keep: 'kept' }
    )
    t.match(changed, { ok: true, sessionsEnded: 1 })
    t.ok(await sessions.load('kept'))
    t.equal(await sessions.load('other'), undefined)
    await sessions.revoke('kept')
  })
})

t.test('rehashing at sign-in does not undo a concurrent change of password', async (t) => {
  const database = await openSqlite(':memory:')
  t.teardown(() => database.close())
  const store = new AccountsStore(database)
  const options = { store, sessions, registration: 'open', passwordMinLength: 15 } as const
  await new Accounts({ ...options, passwords }).add(alice)
  const raised = new Accounts({
    ...options,
    passwords: new Passwords({ memoryKiB: 65_536, passes: 3, lanes: 1 })
  })
  const signingIn = raised.verify(alice)
  await store.setPasswordHash('alice', '$another')
  await signingIn
  t.match(await store.find('alice'), { passwordHash: '$another' })
})

t.test('a password stored under earlier rules still signs in', async (t) => {
  const database = await openSqlite(':memory:')
  t.teardown(() => database.close())
  const store = new AccountsStore(database)
  for (const password of ['passwordpassword', 'short', 'a'.repeat(20)]) {
    const username = `a${password}`
    await store.insert({ name: username, key: username, passwordHash: await passwords.hash(password) })
    const accounts = new Accounts({ store, passwords, sessions, registration: 'open', passwordMinLength: 15 })
    t.match(await accounts.verify({ username, password }), { ok: true })
    t.match(await accounts.changePassword({ username, password }), { ok: false })
  }
})
