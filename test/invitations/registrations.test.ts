import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { NewPasswords } from '../../src/accounts/new-passwords.ts'
import { passwordsFor } from '../../src/accounts/passwords.ts'
import { allOrNothing } from '../../src/database/all-or-nothing.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { ResetRequests } from '../../src/factors/reset-requests.ts'
import { ResetStore } from '../../src/factors/reset-store.ts'
import { InvitationStore } from '../../src/invitations/invitation-store.ts'
import { Invitations } from '../../src/invitations/invitations.ts'
import { Registrations } from '../../src/invitations/registrations.ts'
import { MailStore } from '../../src/mail/mail-store.ts'
import { Outbox, placeOfMail } from '../../src/mail/outbox.ts'
import { readConfig } from '../../src/settings/config.ts'
import { type OpenDatabase, overEachDatabase } from '../servers/databases.ts'

const minute = 60 * 1000
const password = 'three quite new words'
const passwords = passwordsFor({ ...readConfig({}), passwordHash: { memoryKiB: 64, passes: 1, lanes: 1 } })

async function open(t: Test, openDatabase: OpenDatabase) {
  const database = await openDatabase(t)
  const { sql: db } = database
  const clock = { now: Date.UTC(2026, 0, 2) }
  const now = () => clock.now
  const first = new KeyRing(['k'.repeat(32)])
  const linkTo = (path: string) => `https://id.example.org${path}`
  const opened = ({ keys = first, isOn = true, registrationIsOpen = true, maxOpen = 10 } = {}) => {
    const postbox = new Outbox({ db, keys, isOn, now })
    const store = new InvitationStore({ database, keys, postbox, registrationIsOpen })
    const newPasswords = new NewPasswords({ passwords, minLength: 15 })
    const registrations = new Registrations({ db, keys, postbox, linkTo, maxOpen, now })
    const requests = { store: new ResetStore(database), keys, postbox, addressOf: linkTo, now }
    const log = { error: (message: string) => t.fail(message) }
    return {
      invitations: new Invitations({ store, postbox, newPasswords, linkTo, now }),
      resets: new ResetRequests({ ...requests, onMail: async () => {}, registrations, log }),
      ask: (typed: string, address = '192.0.2.1') =>
        allOrNothing(database, () => registrations.register({ typed, address, language: 'de' }, clock.now))
    }
  }
  const mails = async () => {
    const rows = await db.selectFrom('outbox').selectAll().orderBy('created_at').execute()
    return rows.map(({ id, template, language, recipient, data }) => ({
      ...{ template, language, to: first.open(recipient, placeOfMail('recipient', id)) },
      ...JSON.parse(first.open(data ?? '', placeOfMail('data', id)) ?? '{}')
    }))
  }
  const tokenTo = async (to: string) => {
    const found = (await mails()).findLast((mail) => mail.to === to)
    return String(found?.url).split('token=')[1] ?? ''
  }
  const accounts = new AccountsStore(database, now)
  return { db, clock, accounts, opened, ...opened(), mails, tokenTo }
}

overEachDatabase(t, async (t, openDatabase) => {
  t.test('of two processes that look up the same requests one mails, and one link opens', async (t) => {
    const { opened, resets, invitations, mails, tokenTo, db } = await open(t, openDatabase)
    for (const typed of ['ada@example.org', 'Ada@EXAMPLE.org', 'eve@example.org', 'ada@example.org'])
      await resets.ask({ typed, address: '192.0.2.1', kind: 'registration', language: 'de' })
    await Promise.all([resets, opened().resets, opened().resets].map((process) => process.lookUp()))
    const sent = await mails()
    t.same(sent.map(({ to }) => String(to).toLowerCase()).sort(), ['ada@example.org', 'eve@example.org'])
    t.match(sent, [{ template: 'registration', language: 'de', address: '192.0.2.1' }, {}])
    t.same(await db.selectFrom('reset_requests').selectAll().execute(), [])
    const rows = await db.selectFrom('invitations').selectAll().execute()
    t.equal(rows.length, 2, 'nor is there a link that nobody has')
    t.notMatch(JSON.stringify(rows), /example|192\.0\.2\.1/i, 'sealed')
    const token = await tokenTo('eve@example.org')
    const credentials = { username: 'eve', password }
    const both = [
      invitations.accept(token, credentials),
      opened().invitations.accept(token, { ...credentials, username: 'mallory' })
    ]
    t.same((await Promise.all(both)).map(({ ok }) => ok).sort(), [false, true], 'used once')
  })

  t.test('whoever asks for thousands of addresses ends no link of others', async (t) => {
    const { ask, clock, invitations, tokenTo, db } = await open(t, openDatabase)
    await ask('ada@example.org', '198.51.100.7')
    const ada = await tokenTo('ada@example.org')
    await ask('eve@example.org', '2001:db8:1::7')
    for (let times = 0; times < 20; times += 1) {
      clock.now += 1
      await ask(`m${times}@example.org`, times % 2 ? `192.0.2.${times}` : `2001:db8:5:${times}::1`)
    }
    const all = () => db.selectFrom('invitations').select('hash').execute()
    t.equal((await all()).length, 10, 'no more than there may be')
    t.match(await invitations.find(ada), { address: 'ada@example.org' })
    t.match(await invitations.find(await tokenTo('eve@example.org')), { address: 'eve@example.org' })
    t.equal(await invitations.find(await tokenTo('m0@example.org')), undefined, 'their own end instead')
    t.match(await invitations.find(await tokenTo('m19@example.org')), { address: 'm19@example.org' })
    for (let times = 0; times < 10; times += 1) {
      clock.now += 1
      await ask(`n${times}@example.org`, `203.0.${times}.1`)
    }
    t.equal(await invitations.find(ada), undefined, 'the oldest ends where no network has more than another')
    clock.now += 21 * minute
    await ask('ada@example.org', '198.51.100.7')
    t.match(await invitations.find(await tokenTo('ada@example.org')), { address: 'ada@example.org' })
  })

  t.test(
    'a link that was ended leaves no time in which the address is mailed once more, or never',
    async (t) => {
      const { ask, clock, mails, db } = await open(t, openDatabase)
      await ask('ada@example.org')
      await db.deleteFrom('invitations').execute()
      clock.now += 5 * minute
      await ask('ada@example.org')
      t.equal((await mails()).length, 1, 'one in 20 minutes')
      clock.now += 15 * minute
      await ask('ada@example.org')
      t.equal((await mails()).length, 2, 'and then the next')
    }
  )

  t.test('while registration is closed its links open nothing, and those of invitations do', async (t) => {
    const { ask, invitations, opened, tokenTo } = await open(t, openDatabase)
    await ask('ada@example.org')
    const token = await tokenTo('ada@example.org')
    const closed = opened({ registrationIsOpen: false }).invitations
    t.equal(await closed.find(token), undefined)
    const ada = { username: 'ada', password }
    t.match(await closed.accept(token, ada), { ok: false, field: undefined })
    await closed.invite({ address: 'eve@example.org' })
    t.match(await closed.find(await tokenTo('eve@example.org')), { kind: 'invitation' })
    t.match(await invitations.accept(token, ada), { ok: true, kind: 'registration' })
  })

  t.test('a link is for its kind alone, and the account that it makes ends all of the address', async (t) => {
    const { ask, accounts, clock, invitations, opened, mails, tokenTo, db } = await open(t, openDatabase)
    await ask('ada@example.org')
    const first = await tokenTo('ada@example.org')
    const found = await invitations.find(first)
    t.match(found, { kind: 'registration', role: 'user', invitedBy: undefined })
    t.same(await invitations.list(), [], 'administrators see no registration')
    t.equal(await invitations.withdraw(found?.id ?? ''), false, 'nor end one')
    await invitations.invite({ address: 'ADA@example.org', role: 'admin' })
    const invited = await tokenTo('ADA@example.org')
    t.ok(await invitations.find(first), 'an invitation ends none')
    t.match(await invitations.find(invited), { kind: 'invitation', role: 'admin' })
    // Another key seals by now.
    const turned = opened({ keys: new KeyRing(['another key of thirty-two letters', 'k'.repeat(32)]) })
    await turned.ask('ada@example.org')
    t.equal((await mails()).length, 2, 'the address is the same with another key')
    clock.now += 21 * minute
    await ask('ada@example.org')
    const second = await tokenTo('ada@example.org')
    t.match(await turned.invitations.accept(first, { username: 'ada', password }), {
      ok: true,
      account: { role: 'user' }
    })
    await accounts.remove('ada')
    t.equal(await invitations.find(second), undefined, 'not even after the account was removed')
    t.same(await db.selectFrom('invitations').select('kind').execute(), [{ kind: 'invitation' }])
  })

  t.test(
    'whoever has an account is told so in their own language; without mail nothing is written',
    async (t) => {
      const { ask, accounts, clock, opened, mails, db } = await open(t, openDatabase)
      const { id } = (await accounts.insert({ name: 'ada', key: 'ada', passwordHash: '$one' }))!
      const email = { email: 'ada@example.org', email_key: 'ada@example.org', email_at: 1, language: 'en' }
      await db.updateTable('accounts').set(email).where('id', '=', id).execute()
      await ask('ADA@example.org')
      const told = { template: 'address-taken', language: 'en', name: 'ada', url: undefined }
      t.match(
        await mails(),
        [{ ...told, to: 'ada@example.org' }],
        'where it was confirmed, however it was typed'
      )
      await opened({ isOn: false }).ask('eve@example.org')
      await ask('no address')
      const all = () => db.selectFrom('invitations').select('hash').execute()
      t.equal((await all()).length, 1)
      clock.now += 96 * 60 * minute
      await new MailStore(db).deleteOver(clock.now)
      t.equal((await all()).length, 1)
      await new MailStore(db).deleteOver(clock.now + 1)
      t.same(await all(), [], 'what is over is deleted, also once nobody registers any more')
    }
  )
})
