import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { allOrNothing } from '../../src/database/all-or-nothing.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { StorageError } from '../../src/errors/errors.ts'
import { type MailRow, MailStore } from '../../src/mail/mail-store.ts'
import { parseMailUrl } from '../../src/mail/mail-url.ts'
import type { NewMail } from '../../src/mail/message.ts'
import { Outbox, placeOfMail } from '../../src/mail/outbox.ts'
import { SmtpSender } from '../../src/mail/smtp-sender.ts'
import { MailSweeper } from '../../src/mail/sweeper.ts'
import { backOff, type FailedMail, MailWorker, type WorkerOptions } from '../../src/mail/worker.ts'
import { type OpenDatabase, overEachDatabase } from '../servers/databases.ts'
import { MailServer } from '../servers/mail-server.ts'

const keys = new KeyRing(['k'.repeat(32)])
const minute = 60_000
const from = { name: 'Example', address: 'no-reply@example.org' }

/** An outbox, and workers that send from it to a real mail server. */
async function open(t: Test, openDatabase: OpenDatabase) {
  const database = await openDatabase(t)
  const server = await new MailServer().listen(t)
  const clock = { now: Date.UTC(2026, 0, 2) }
  const now = () => clock.now
  const outbox = new Outbox({ db: database.sql, keys, isOn: true, now })
  const store = new MailStore(database.sql)
  const logged: string[] = []
  const failed: FailedMail[] = []
  const log = (message: string) => logged.push(message)
  const senderTo = (port: number) => {
    const target = parseMailUrl(`smtp://127.0.0.1:${port}`)
    if (target?.kind !== 'smtp') throw new Error('No server')
    return new SmtpSender(target, from)
  }
  const worker = (options: Partial<WorkerOptions> = {}) =>
    new MailWorker({
      ...{ store, keys, now, log: { info: log, warn: log, error: log } },
      sender: async () => senderTo(server.port),
      render: async ({ template, data }) => ({
        subject: `${template} of ${data.name}`,
        text: `Hello ${data.name}\n`
      }),
      onFailed: (mail) => {
        failed.push(mail)
      },
      ...options
    })
  const post = (message: Partial<NewMail> = {}) =>
    allOrNothing(database, () =>
      outbox.post({
        ...{
          template: 'reset',
          to: 'ada@example.org',
          data: { name: 'Ada' },
          expiresAt: clock.now + 30 * minute
        },
        ...message
      })
    )
  const rows = () => store.list({ limit: 100 })
  return { database, server, clock, store, logged, failed, worker, senderTo, post, rows }
}

overEachDatabase(t, async (t, openDatabase) => {
  const { database, server, clock, store, logged, failed, worker, senderTo, post, rows } = await open(
    t,
    openDatabase
  )
  const only = async () => {
    const [row, ...others] = (await rows()).filter(
      ({ sent_at, failed_at }) => sent_at === null && failed_at === null
    )
    if (!row || others.length > 0) throw new Error('Not one message waits')
    return row
  }
  const one = worker()

  t.test('a message arrives as it was posted, once, and its content is deleted', async (t) => {
    await post({ language: 'de' })
    await one.sendDue()
    await one.sendDue()
    const [mail, ...others] = await server.messages()
    t.match(mail, {
      from: { name: 'Example', address: 'no-reply@example.org' },
      to: [{ address: 'ada@example.org' }],
      subject: 'reset of Ada',
      text: 'Hello Ada\n',
      date: '2026-01-02T00:00:00.000Z'
    })
    t.same(others, [])
    const headers = Object.fromEntries(mail!.headers.map(({ key, value }) => [key, value]))
    t.match(headers, { 'auto-submitted': 'auto-generated', 'content-language': 'de' })
    t.notOk('list-unsubscribe' in headers)
    const [row] = await rows()
    t.match(row, { sent_at: clock.now, data: null, tries: 1, error: null })
    t.equal(mail!.messageId, `<${row?.id}@example.org>`)
  })

  t.test('many workers send each message once', async (t) => {
    server.raw.length = 0
    const names = Array.from({ length: 30 }, (_, index) => `${index}`)
    for (const name of names) await post({ data: { name } })
    await Promise.all([worker(), worker(), worker()].map((each) => each.sendDue()))
    const texts = (await server.messages()).map(({ text }) => text)
    t.same(texts.toSorted(), names.map((name) => `Hello ${name}\n`).toSorted())
  })

  const lost = ['hangs up before it answers', 'takes it and hangs up', 'does not answer'] as const
  for (const behaviour of lost)
    t.test(`a server that ${behaviour}: it is sent again, with the same Message-ID`, async (t) => {
      server.raw.length = 0
      server.behaviour = behaviour
      await post()
      const first = worker(behaviour === 'does not answer' ? { leaseMilliseconds: 4000 } : {})
      await first.sendDue()
      t.match(await only(), { tries: 1, leased_until: 0, next_at: clock.now + 10_000 })
      t.match(first.health.problem?.error, /^The mail server (cannot be used|took too long)/)
      server.behaviour = 'takes it'
      await first.sendDue()
      t.match(await only(), { tries: 1 }, 'not before it is time')
      clock.now += 10_000
      await one.sendDue()
      const ids = (await server.messages()).map(({ messageId }) => messageId)
      t.equal(ids.length, behaviour === 'takes it and hangs up' ? 2 : 1)
      t.equal(new Set(ids).size, 1)
    })

  t.test('4xx after RCPT or DATA: it waits for twice as long each time, at most an hour', async (t) => {
    server.raw.length = 0
    await post({ expiresAt: clock.now + 24 * 60 * minute })
    await post({ data: { name: 'Bob' }, to: 'bob@example.org', expiresAt: clock.now + 24 * 60 * minute })
    const pauses: number[] = []
    for (const at of ['recipient', 'data', 'recipient'] as const) {
      server.behaviour = { at, code: 450, text: 'Greylisted' }
      await one.sendDue()
      const waiting = (await rows()).filter(({ error }) => error?.includes('Greylisted'))
      t.equal(waiting.length, 2, 'the other one is tried as well')
      t.match(waiting[0]?.error, 'The mail server answered: 450 Greylisted')
      pauses.push(waiting[0]!.next_at - clock.now)
      clock.now = waiting[0]!.next_at
    }
    t.same(pauses, [10_000, 20_000, 40_000])
    t.same([9, 10, 60].map(backOff), [2_560_000, 3_600_000, 3_600_000])
    t.equal(one.health.problem, undefined, 'the server works')
    server.behaviour = 'takes it'
    await one.sendDue()
    t.equal(server.raw.length, 2)
  })

  for (const at of ['recipient', 'data'] as const)
    t.test(`5xx after ${at}: it is final, and told`, async (t) => {
      failed.length = 0
      server.behaviour = { at, code: 550, text: 'No such\u2028user' }
      await post()
      await one.sendDue()
      server.behaviour = 'takes it'
      t.match(failed, [
        { template: 'reset', account: undefined, error: 'The mail server answered: 550 No such user' }
      ])
      t.match(
        (await rows()).find(({ id }) => id === failed[0]?.id),
        { failed_at: clock.now, tries: 1 }
      )
      t.equal(await store.hasDue(clock.now + 60 * minute), false)
      t.equal(await store.retry([failed[0]?.id ?? ''], clock.now), 1)
      server.raw.length = 0
      await one.sendDue()
      t.equal(server.raw.length, 1, 'but it can be tried again')
    })

  for (const at of ['sender', 'greeting'] as const)
    t.test(`5xx at ${at} is about the server: mail waits, and is tried one by one`, async (t) => {
      server.behaviour = { at, code: 554, text: 'Not you' }
      server.raw.length = 0
      server.connections = 0
      for (const name of ['1', '2', '3']) await post({ data: { name } })
      const cautious = worker({ lanes: 1 })
      await cautious.sendDue()
      await cautious.sendDue()
      t.equal(server.connections, 1)
      t.match(cautious.health.problem, { error: /554 Not you/ })
      t.match(logged.at(-1), /^No mail can be sent: it waits\. .+554 Not you/)
      server.behaviour = 'takes it'
      clock.now += 10_000
      await cautious.sendDue()
      t.equal(server.raw.length, 3)
      t.equal(logged.at(-1), 'Mail is sent again.')
    })

  t.test('a failure that cannot be told ends nothing', async (t) => {
    server.behaviour = { at: 'recipient', code: 550, text: 'Nobody' }
    const onFailed = () => Promise.reject(new StorageError('away', undefined))
    await post()
    await post({ expiresAt: clock.now })
    await worker({ onFailed }).sendDue()
    t.equal(logged.filter((line) => /^That is not in the audit trail/.test(line)).length, 2)
    await database.sql.deleteFrom('outbox').where('failed_at', '=', clock.now).execute()
    server.behaviour = 'takes it'
  })

  t.test('a server that refuses everybody is told of, and a retry brings all back', async (t) => {
    server.raw.length = 0
    server.behaviour = { at: 'recipient', code: 554, text: 'Relay access denied' }
    const expiresAt = clock.now + 60 * minute
    const patient = worker()
    for (let index = 0; index < 9; index += 1) await post({ expiresAt })
    await patient.sendDue()
    t.equal(patient.health.problem, undefined, 'it may be the recipients')
    for (let index = 0; index < 3; index += 1) await post({ expiresAt })
    await patient.sendDue()
    t.match(patient.health.problem, { error: /554 Relay access denied/ })
    t.equal(logged.filter((line) => /^The mail server has refused the last 10/.test(line)).length, 1)
    server.behaviour = 'takes it'
    clock.now += minute
    await post()
    await patient.sendDue()
    t.equal(patient.health.problem, undefined)
    t.equal(await store.retry('all', clock.now), 12)
    await patient.sendDue()
    t.equal(server.raw.length, 13)
  })

  t.test('messages at which the server hangs up keep no other from being sent', async (t) => {
    const picky = await new MailServer({
      options: {
        authOptional: true,
        disabledCommands: ['STARTTLS'],
        onRcptTo({ address }, _session, done) {
          if (address.startsWith('ada')) done()
          else picky.hangUp()
        }
      }
    }).listen(t)
    const patient = worker({ sender: async () => senderTo(picky.port) })
    for (let index = 0; index < 8; index++) await post({ to: `${index}@example.org` })
    await patient.sendDue()
    t.ok(patient.health.problem)
    clock.now += 10 * minute
    await post()
    await patient.sendDue()
    const [row] = (await rows()).filter(({ sent_at }) => sent_at === clock.now)
    t.match(row, { tries: 1 }, 'at once, although the others waited longer')
    t.equal(picky.raw.length, 1)
    await database.sql.deleteFrom('outbox').where('sent_at', 'is', null).execute()
  })

  t.test('few messages of a flood from one network go before what others cause', async (t) => {
    const account = { name: 'ada', key: 'ada', passwordHash: '$one' }
    const { id: ada } = (await new AccountsStore(database, () => clock.now).insert(account))!
    const wants = async (name: string, causedFrom?: string, account?: string) => {
      clock.now += 1
      await post({ data: { name }, causedFrom, account, expiresAt: clock.now + 24 * 60 * minute })
    }
    // As many networks as somebody with a /48 likes.
    for (let n = 0; n < 4; n += 1) await wants(`flood ${n}`, `2001:db8:5:${n}::1`)
    await wants('a new one', '192.0.2.7')
    clock.now += minute / 2
    await wants('a reset', '192.0.2.7', ada)
    await wants('a reset in the same network', '192.0.2.8', ada)
    await wants('a notice', undefined, ada)
    const order: string[] = []
    for (let mail = await lease(); mail; mail = await lease()) order.push(mail)
    t.same(order, [
      ...['a reset', 'a notice', 'a reset in the same network'],
      ...['flood 0', 'a new one', 'flood 1', 'flood 2', 'flood 3']
    ])
    await database.sql.deleteFrom('outbox').where('sent_at', 'is', null).execute()

    async function lease() {
      const row = await store.lease(clock.now, clock.now + minute)
      return row && JSON.parse(keys.open(row.data!, placeOfMail('data', row.id))!).name
    }
  })

  t.test('what is of no use any more is not sent', async (t) => {
    failed.length = 0
    server.raw.length = 0
    const away = worker({ sender: async () => senderTo(1) })
    await post({ expiresAt: clock.now + 15_000 })
    await away.sendDue()
    const { next_at } = await only()
    clock.now = next_at
    await away.sendDue()
    t.equal((await only()).next_at, next_at + 5000, 'the end of its use is noted in time')
    clock.now += 5000
    await worker().sendDue()
    t.match(failed, [{ error: /^The mail server cannot be used: .*ECONNREFUSED/ }])
    t.equal(await store.retry('all', clock.now), 0, 'and it is not tried again')
    t.same(server.raw, [])
  })

  t.test('a worker that died leaves its message to others, later', async (t) => {
    server.raw.length = 0
    await post()
    await store.lease(clock.now, clock.now + 2 * minute)
    await one.sendDue()
    t.same(server.raw, [])
    clock.now += 2 * minute
    await one.sendDue()
    t.equal(server.raw.length, 1)
  })

  t.test('a worker that is stopped gives its message back at once', async (t) => {
    server.raw.length = 0
    server.behaviour = 'does not answer'
    await post()
    const stopped = worker()
    const sending = stopped.sendDue()
    await stopped.stop(0)
    await sending
    server.behaviour = 'takes it'
    t.match(await only(), { leased_until: 0, tries: 0 })
    await worker().sendDue()
    t.equal(server.raw.length, 1)
  })

  t.test('mail that cannot be made waits, and stops no other', async (t) => {
    server.raw.length = 0
    await post()
    const keyless = worker({ keys: new KeyRing(['another'.repeat(5)]) })
    await keyless.sendDue()
    t.match(await only(), { error: 'The key it was sealed with is missing in DATA_KEYS.' })
    t.equal(keyless.health.problem, undefined)
    clock.now += 10_000
    const broken = worker({ render: () => Promise.reject(new Error('no view')) })
    await broken.sendDue()
    t.match(await only(), { error: /^Its view cannot be rendered: Error: no view/ })
    clock.now += 20_000
    await one.sendDue()
    t.equal(server.raw.length, 1)
  })

  t.test('counts, and what was done is deleted after 30 days', async (t) => {
    await post()
    const { queued, sent, failed, oldest } = await store.count()
    t.same([queued, oldest], [1, clock.now])
    t.ok(sent > 30)
    t.equal(failed, 1)
    await one.sendDue()
    clock.now += 30 * 24 * 60 * minute + 1
    await post()
    await one.sendDue()
    const ended: string[] = []
    const onExpired = async ({ template }: MailRow) => void ended.push(template)
    const sweeper = new MailSweeper({
      ...{ store, onExpired, now: () => clock.now },
      log: { error: (line: string) => t.fail(line) }
    })
    await post({ template: 'test', expiresAt: clock.now + minute })
    await post({ template: 'sign-in', expiresAt: clock.now + 2 * minute })
    clock.now += minute
    await sweeper.sweep()
    t.match(await store.count(), { queued: 1, sent: 1, failed: 1 })
    t.same(ended, ['test'], 'what is over is told, also where nothing is sent')
  })
})
