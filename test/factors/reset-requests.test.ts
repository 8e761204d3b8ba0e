import { hash } from 'node:crypto'
import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { BusyError, StorageError } from '../../src/errors/errors.ts'
import { LinkStore } from '../../src/factors/link-store.ts'
import { ResetRequests } from '../../src/factors/reset-requests.ts'
import { leaseMilliseconds, ResetStore } from '../../src/factors/reset-store.ts'
import { MailStore } from '../../src/mail/mail-store.ts'
import { Notices } from '../../src/mail/notices.ts'
import { Outbox, placeOfMail } from '../../src/mail/outbox.ts'
import { type OpenDatabase, overEachDatabase } from '../servers/databases.ts'

const minute = 60_000
const keys = new KeyRing(['k'.repeat(32)])

async function open(t: Test, openDatabase: OpenDatabase) {
  const database = await openDatabase(t)
  const { sql: db } = database
  const clock = { now: Date.UTC(2026, 0, 2) }
  const now = () => clock.now
  const postbox = new Outbox({ db, keys, isOn: true, now })
  const links = new LinkStore(database, new Notices({ postbox, now }))
  const asked: string[] = []
  const store = new ResetStore(database)
  const options = {
    ...{ store, keys, postbox, now, log: { error: (line: string) => asked.push(line) } },
    addressOf: (path: string) => `https://id.example.org${path}`,
    onMail: async ({ name }: { name: string }, address: string) => void asked.push(`${name} from ${address}`)
  }
  const requests = new ResetRequests(options)
  t.teardown(() => requests.stop())
  const accounts = new AccountsStore(database, now)
  const add = async (name: string, email?: string) => {
    const account = (await accounts.insert({ name, key: name, passwordHash: '$one' }))!
    const address = { email: email ?? null, email_key: email ?? null, email_at: clock.now }
    await db.updateTable('accounts').set(address).where('id', '=', account.id).execute()
    return account
  }
  const waiting = async () => (await db.selectFrom('reset_requests').selectAll().execute()).length
  const ask = (typed: string, address = '192.0.2.7') =>
    requests.ask({ typed, address, device: 'curl/8.0', language: 'de' })
  /** The mails posted so far, opened. */
  const mails = async () => {
    const rows = await db.selectFrom('outbox').selectAll().orderBy('created_at').execute()
    return rows.map(({ id, template, recipient, data, language }) => ({
      template,
      language,
      to: keys.open(recipient, placeOfMail('recipient', id)),
      data: JSON.parse(keys.open(data!, placeOfMail('data', id)) ?? '')
    }))
  }
  const hashes = async () =>
    (await mails())
      .filter(({ template }) => template === 'reset')
      .map(({ data }) => hash('sha256', data.url.split('token=')[1], 'base64url'))
  return { db, clock, links, asked, options, requests, accounts, add, ask, waiting, mails, hashes, store }
}

overEachDatabase(t, async (t, openDatabase) => {
  t.test('who can sign in and has an address gets one link, by name and by address', async (t) => {
    const { add, ask, requests, mails, asked, accounts, db, waiting, clock, links, hashes } = await open(
      t,
      openDatabase
    )
    await add('ada', 'ada@example.org')
    await add('bob')
    await add('eve', 'eve@example.org')
    await accounts.disable('eve', { force: true })
    for (const typed of ['ADA', 'bob', 'eve', 'nobody', 'nobody@example.org', 'eve@example.org', '', '@'])
      await ask(typed)
    t.equal(await waiting(), 8)
    const rows = JSON.stringify(await db.selectFrom('reset_requests').selectAll().execute())
    t.notMatch(rows, /nobody|example/i, 'sealed')
    t.same(await mails(), [], 'nothing is looked up yet')
    await requests.lookUp()
    t.equal(await waiting(), 0)
    t.same(asked, ['ada from 192.0.2.7'])
    const [mail] = await mails()
    t.match(mail, { template: 'reset', language: 'de', to: 'ada@example.org' })
    t.match(mail?.data, {
      url: /^https:\/\/id\.example\.org\/reset\?token=[\w-]{43}$/,
      until: '2026-01-02T00:30:00.000Z',
      at: '2026-01-02T00:00:00.000Z',
      ...{ name: 'ada', address: '192.0.2.7', device: 'curl/8.0' }
    })
    const [link = ''] = await hashes()
    clock.now += 30 * minute - 1
    t.match(await links.find(link, clock.now), { account: { name: 'ada' }, dropsFactors: false })
    clock.now += 1
    t.equal(await links.find(link, clock.now), undefined, 'for 30 minutes')
    await ask('Ada@EXAMPLE.org')
    await requests.lookUp()
    t.equal((await mails()).length, 2, 'by address')
  })

  t.test('asking all day sends a mail in 20 minutes, and a link that opens is always there', async (t) => {
    const { add, ask, requests, mails, clock, links, hashes, options } = await open(t, openDatabase)
    await add('ada', 'ada@example.org')
    const other = new ResetRequests(options)
    t.teardown(() => other.stop())
    for (let minutes = 0; minutes < 120; minutes += 5) {
      await Promise.all([ask('ada'), ask('ada@example.org', '198.51.100.1')])
      await Promise.all([requests.lookUp(), other.lookUp()])
      const found = await Promise.all((await hashes()).map((link) => links.find(link, clock.now)))
      t.ok(found.some(Boolean), `after ${minutes} minutes`)
      clock.now += 5 * minute
    }
    t.equal((await mails()).length, 6)
    const [fifth, last] = (await hashes()).slice(-2) as [string, string]
    t.ok(await links.find(last, clock.now - 5 * minute), 'the last one')
    clock.now -= 15 * minute
    t.ok(await links.find(fifth, clock.now), 'and the one before, for its 30 minutes')
    const circumstances = { address: '192.0.2.8', device: 'curl/9.0' }
    const used = { passwordHash: '$two', now: clock.now, circumstances }
    const both = await Promise.all([links.use(fifth, used), links.use(fifth, used)])
    t.equal(both.filter(Boolean).length, 1, 'once')
    t.equal(await links.use(last, used), undefined, 'one ends the others')
    const told = (await mails()).filter(({ template }) => template === 'password-changed')
    t.match(told, [{ to: 'ada@example.org', data: { name: 'ada', address: '192.0.2.8', how: 'link' } }])
    await ask('ada')
    await requests.lookUp()
    t.equal((await hashes()).length, 7, 'who has used a link can ask again')
  })

  t.test('one network that asks all day causes few mails, and keeps no owner from one', async (t) => {
    const { add, ask, db, requests, mails, clock, links, hashes, options } = await open(t, openDatabase)
    await add('ada', 'ada@example.org')
    const start = clock.now
    // As many as somebody with a /48 likes.
    let networks = 0
    const askUntil = async (hours: number) => {
      for (; clock.now < start + hours * 60 * minute; clock.now += 10 * minute) {
        networks += 1
        await ask('ada', `2001:db8:5:${networks.toString(16)}::1`)
        await requests.lookUp()
      }
    }
    await askUntil(24)
    const rows = await db.selectFrom('outbox').select('created_at').orderBy('created_at').execute()
    const minutes = rows.map(({ created_at }) => (created_at - start) / minute)
    t.same(minutes, [0, 20, 40, 80, 160, 320, 560, 800, 1040, 1280], 'twice as late each time')
    const opens = async () => links.find((await hashes()).at(-1) ?? '', clock.now)
    t.notOk(await opens(), 'no link of the stranger’s opens any more')
    await ask('ada', '198.51.100.1')
    await requests.lookUp()
    t.ok(await opens(), 'the owner gets one')
    t.equal((await mails()).length, 11)
    clock.now += 40 * minute
    const browsers = { known: async (_: string, [cookie]: readonly string[]) => cookie }
    const knowing = new ResetRequests({ ...options, browsers })
    t.teardown(() => knowing.stop())
    const own = { typed: 'ada', address: '2001:db8:5::7' }
    await knowing.ask({ ...own, browser: [] })
    await knowing.ask({ ...own, browser: ['x'.repeat(257)] })
    await knowing.lookUp()
    t.equal((await mails()).length, 11, 'the network waits')
    await knowing.ask({ ...own, browser: ['own'] })
    await knowing.lookUp()
    t.ok(await opens(), 'but not the owner’s browser in it')
    await links.use((await hashes()).at(-1) ?? '', { passwordHash: '$two', now: clock.now })
    t.same(await db.selectFrom('reset_mails').selectAll().execute(), [], 'somebody reads them')
    await ask('ada')
    await requests.lookUp()
    t.ok(await opens())
    await new MailStore(db).deleteOver(clock.now + 24 * 60 * minute + 1)
    t.same(await db.selectFrom('reset_mails').selectAll().execute(), [])
  })

  t.test('a link for something else opens no password, and a link of the command stays', async (t) => {
    const { add, ask, requests, db, links, clock, hashes } = await open(t, openDatabase)
    const ada = await add('ada', 'ada@example.org')
    const expiresAt = clock.now + 60 * minute
    await links.insert(ada, { hash: 'command', purpose: 'password-and-factors', expiresAt })
    const other = { hash: 'other', account_id: ada.id, account_version: ada.version, expires_at: expiresAt }
    await db
      .insertInto('link_tokens')
      .values({ ...other, purpose: 'confirm-address' as never, address: null })
      .execute()
    t.equal(await links.find('other', clock.now), undefined)
    t.equal(await links.use('other', { passwordHash: '$two', now: clock.now }), undefined)
    await ask('ada')
    await requests.lookUp()
    t.ok(await links.find('command', clock.now), 'somebody who asks does not end it')
    const [mailed = ''] = await hashes()
    t.ok(await links.use(mailed, { passwordHash: '$two', now: clock.now }))
    t.equal(await links.find('command', clock.now), undefined, 'the password was changed')
    const left = await db.selectFrom('link_tokens').select('hash').execute()
    t.same(left, [{ hash: 'other' }], 'which is not for a password')
  })

  t.test(
    'what a process leaves is taken up when its lease is over, and dropped when nobody waits',
    async (t) => {
      const { add, ask, store, clock, requests, mails, waiting, options } = await open(t, openDatabase)
      await add('ada', 'ada@example.org')
      await ask('ada')
      const taken = (await store.take(clock.now))!
      t.equal(await store.take(clock.now + leaseMilliseconds - 1), undefined)
      await requests.lookUp()
      t.same(await mails(), [])
      clock.now += leaseMilliseconds
      await requests.lookUp()
      t.equal((await mails()).length, 1)
      await store.drop(taken)
      const late = {
        link: { hash: 'x', purpose: 'reset', expiresAt: 0 },
        unlessOpenUntil: 0,
        from: { network: undefined, now: 0 }
      } as const
      t.equal(await store.answer(taken, 'ada', { ...late, *post() {} }), undefined, 'not twice')
      await ask('ada')
      clock.now += 30 * minute
      const lost = new ResetRequests({ ...options, keys: new KeyRing(['another key of thirty-two letters']) })
      t.teardown(() => lost.stop())
      await lost.ask({ typed: 'ada', address: '192.0.2.7' })
      await requests.lookUp()
      t.equal(await waiting(), 0)
      t.equal((await mails()).length, 1, 'after half an hour, or sealed with a key that is lost')
    }
  )

  t.test('so many wait at most, and a failure leaves them waiting', async (t) => {
    const { ask, waiting, options, requests, add, mails, clock } = await open(t, openDatabase)
    await add('ada', 'ada@example.org')
    for (let number = 0; number < 100; number += 1) await ask(`nobody ${number}`, `192.0.2.${number}`)
    await t.rejects(ask('nobody'), BusyError)
    clock.now += 1
    await ask('ada', '198.51.100.1')
    t.equal(await waiting(), 101, 'of one network a hundred')
    const post = () => {
      throw new StorageError('The database', new Error('gone'))
    }
    const failing = new ResetRequests({ ...options, postbox: { isOn: true, post } })
    await t.rejects(failing.lookUp(), StorageError)
    t.same(await mails(), [])
    t.equal(await waiting(), 1, 'the request of the transaction that failed')
    await requests.stop()
    await requests.lookUp()
    t.equal(await waiting(), 1, 'a process that stops begins no other')
  })
})
