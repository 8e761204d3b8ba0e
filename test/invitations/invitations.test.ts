import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { NewPasswords } from '../../src/accounts/new-passwords.ts'
import { passwordsFor } from '../../src/accounts/passwords.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { BadInputError, HasAccountError, MailOffError } from '../../src/errors/errors.ts'
import { InvitationStore } from '../../src/invitations/invitation-store.ts'
import { Invitations } from '../../src/invitations/invitations.ts'
import { Outbox, placeOfMail } from '../../src/mail/outbox.ts'
import { readConfig } from '../../src/settings/config.ts'
import { type OpenDatabase, overEachDatabase } from '../servers/databases.ts'

const hour = 60 * 60 * 1000
const password = 'three quite new words'
const cheap = { memoryKiB: 64, passes: 1, lanes: 1 }
const passwords = passwordsFor({ ...readConfig({}), passwordHash: cheap })

async function open(t: Test, openDatabase: OpenDatabase) {
  const database = await openDatabase(t)
  const { sql: db } = database
  const clock = { now: Date.UTC(2026, 0, 2) }
  const now = () => clock.now
  const keys = new KeyRing(['k'.repeat(32)])
  const opened = (ring: KeyRing, isOn = true) => {
    const postbox = new Outbox({ db, keys: ring, isOn, now })
    const store = new InvitationStore({ database, keys: ring, postbox, registrationIsOpen: true })
    const newPasswords = new NewPasswords({ passwords, minLength: 15 })
    const linkTo = (path: string) => `https://id.example.org${path}`
    return new Invitations({ store, postbox, newPasswords, linkTo, now })
  }
  const accounts = new AccountsStore(database, now)
  const boss = (await accounts.insert({ name: 'boss', key: 'boss', passwordHash: '$one', role: 'admin' }))!
  const rest = { name: 'rest', key: 'rest', passwordHash: '$one', role: 'admin' } as const
  await accounts.insert(rest)
  /** The tokens that were mailed, the earliest first. */
  const tokens = async () => {
    const rows = await db.selectFrom('outbox').selectAll().orderBy('created_at').execute()
    const data = rows.map((row) => JSON.parse(keys.open(row.data!, placeOfMail('data', row.id)) ?? '{}'))
    return data.map(({ url = '' }) => url.split('token=')[1] as string)
  }
  return { db, clock, keys, invitations: opened(keys), opened, accounts, boss, tokens }
}

overEachDatabase(t, async (t, openDatabase) => {
  t.test('whoever reads the mail makes an account with that address, once', async (t) => {
    const { invitations, accounts, boss, tokens, db } = await open(t, openDatabase)
    const asked = { address: ' Ada@EXAMPLE.org ', role: 'admin', by: boss, language: 'de' } as const
    const made = await invitations.invite(asked)
    t.match(made, { address: 'Ada@example.org', role: 'admin', invitedBy: 'boss' })
    t.equal(made.expiresAt.getTime() - made.createdAt.getTime(), 72 * hour)
    t.same(await invitations.list(), [made])
    const rows = JSON.stringify(await db.selectFrom('invitations').selectAll().execute())
    t.notMatch(rows, /example/i, 'sealed')
    const [token = ''] = await tokens()
    t.notMatch(rows, token)
    t.match(await invitations.find(token), made)
    const ada = { username: 'Ada', password }
    const wrong = [
      [{ username: 'b@example.org', password }, 'username'],
      [{ username: 'b@host', password }, 'username'],
      [{ username: 'Boss', password }, 'username'],
      [{ username: 'b\u043ess', password }, 'username'],
      [{ username: 'Ada', password: 'short' }, 'password']
    ] as const
    for (const [credentials, field] of wrong)
      t.match(await invitations.accept(token, credentials), { ok: false, field }, credentials.username)
    const both = await Promise.all([
      invitations.accept(token, ada),
      invitations.accept(token, { username: 'Eve', password })
    ])
    t.equal(both.filter(({ ok }) => ok).length, 1, 'of two at once one')
    const [account] = (await accounts.list()).filter(({ email }) => email)
    t.match(account, { role: 'admin', email: 'Ada@example.org', language: 'de' })
    t.equal(await invitations.find(token), undefined)
    t.same(await invitations.list(), [])
    await t.rejects(invitations.invite({ address: 'ADA@example.ORG' }), HasAccountError)

    await invitations.invite({ address: 'eve@xn--strae-oqa.example' })
    const eve = (await tokens()).at(-1)
    const twin = await invitations.accept(eve, { username: 'eve@straße.example', password })
    t.match(twin, { ok: false, field: 'username' }, 'as a name it is another address')
    await accounts.insert({ name: 'bob@example.org', key: 'bob@example.org', passwordHash: '$one' })
    await t.rejects(invitations.invite({ address: 'Bob@example.org' }), HasAccountError)
  })

  t.test(
    'a link ends after 72 hours, by a newer one, by hand, and with the rights of who made it',
    async (t) => {
      const { invitations, accounts, boss, clock, tokens, opened } = await open(t, openDatabase)
      const address = 'ada@example.org'
      const first = await invitations.invite({ address })
      clock.now += 1
      // Another key seals by now.
      const turned = opened(new KeyRing(['another key of thirty-two letters', 'k'.repeat(32)]))
      t.same(await turned.list(), [first])
      const second = await turned.invite({ address, by: boss })
      t.same(await turned.list(), [second], 'the newer one replaces it')
      t.same(await invitations.list(), [], 'without its key it opens nothing')
      t.equal(await turned.withdraw(second.id), true)
      t.equal(await turned.withdraw(second.id), false)
      clock.now += 1
      const third = await invitations.invite({ address, by: boss })
      const [, , token = ''] = await tokens().catch(() => [])
      t.match(await invitations.list(), [third])
      await accounts.disable('boss')
      t.same(await invitations.list(), [])
      await accounts.enable('boss')
      t.match(await invitations.list(), [{ id: third.id }])
      await accounts.setRole('boss', 'user')
      t.same(await invitations.list(), [])
      t.match(await invitations.accept(token, { username: 'ada', password }), { ok: false, field: undefined })
      await accounts.remove('boss')
      t.same(await invitations.list(), [])
      const last = await invitations.invite({ address })
      clock.now += 72 * hour - 1
      t.match(await invitations.list(), [{ id: last.id }])
      clock.now += 1
      t.same(await invitations.list(), [])
    }
  )

  t.test(
    'nobody is invited without mail, or at what is no address; what is no token opens nothing',
    async (t) => {
      const { invitations, opened, keys, accounts, tokens, db } = await open(t, openDatabase)
      await t.rejects(opened(keys, false).invite({ address: 'ada@example.org' }), MailOffError)
      await t.rejects(opened(new KeyRing([])).invite({ address: 'ada@example.org' }), MailOffError)
      await t.rejects(invitations.invite({ address: 'ada' }), BadInputError)
      for (const none of [undefined, '', 'x', 'a'.repeat(43), '\u0000'])
        t.equal(await invitations.find(none), undefined)
      await invitations.invite({ address: 'ada@example.org' })
      const [token = ''] = await tokens()
      const bob = (await accounts.insert({ name: 'bob', key: 'bob', passwordHash: '$one' }))!
      const email = { email: 'ada@example.org', email_key: 'ada@example.org', email_at: 1 }
      await db.updateTable('accounts').set(email).where('id', '=', bob.id).execute()
      const late = await invitations.accept(token, { username: 'ada', password })
      t.match(late, { ok: false, field: undefined }, 'somebody has confirmed the address meanwhile')
      const own = await db.selectFrom('accounts').select('name').where('name', '=', 'ada').execute()
      t.same(own, [])
    }
  )
})
