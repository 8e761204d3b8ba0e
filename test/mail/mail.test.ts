import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import t from 'tap'
import { allOrNothing } from '../../src/database/all-or-nothing.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { FileSender } from '../../src/mail/file-sender.ts'
import { mailNote, mailTarget } from '../../src/mail/mail-target.ts'
import type { NewMail } from '../../src/mail/message.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, build, log, registerAlice, secret } from '../build.ts'
import { commandIn, settings } from '../cli/command.ts'
import { eventually } from '../servers/eventually.ts'
import { MailServer } from '../servers/mail-server.ts'
import { patience } from '../servers/patience.ts'

const ada = 'ada@example.org'
const localhost = {
  database: { kind: 'sqlite', file: '/var/lib/x.db' },
  mailUrl: undefined,
  publicUrl: undefined
} as const
const own = { isOwnServer: true, hasKey: true }

t.test('where mail goes if MAIL_URL is not set', async (t) => {
  const elsewhere = { ...localhost, publicUrl: new URL('https://login.example.org') }
  t.same(mailTarget(localhost, own), { kind: 'files', folder: '/var/lib/mail' })
  const postgres = { ...localhost, database: { kind: 'postgres', url: '' } } as const
  t.same(mailTarget(postgres, own), { kind: 'files', folder: 'data/mail' })
  const off = (because: string) => ({ kind: 'off', because })
  t.same(mailTarget(postgres, { ...own, hasKey: false }), off('no-key'))
  t.same(mailTarget(elsewhere, own), off('unset'))
  t.same(mailTarget(localhost, { ...own, isOwnServer: false }), off('unset'), 'in an app of somebody else')
  t.same(mailTarget({ ...localhost, mailUrl: { kind: 'off' } }, own), off('off'))
  t.match(mailNote(mailTarget(elsewhere, own)), /^MAIL_URL is not set, so there is no mail/)
  t.match(mailNote(mailTarget(localhost, own)), 'Mail is written into files in /var/lib/mail.')
  t.equal(mailNote({ kind: 'off', because: 'off' }), undefined, 'that was asked for')
})

t.test('on localhost each message is a file that nobody else reads, and the log has its path', async (t) => {
  const folder = t.testdir()
  const DATABASE_URL = `file:${folder}/latchkey.db`
  const app = await build(t, { env: { DATABASE_URL } })
  t.equal(app[services].mail.isOn, true)
  const latchkey = commandIn(t, settings(t, { DATABASE_URL }))
  const sent = await latchkey(['mail', 'test', ada])
  const mail = join(folder, 'mail')
  const [file = '', ...others] = readdirSync(mail)
  t.match(sent, { code: 0, out: `The mail is in ${join(mail, file)}\n` })
  t.same(others, [])
  t.equal(statSync(join(mail, file)).mode & 0o777, 0o600)
  t.equal(statSync(mail).mode & 0o777, 0o700)
  t.match(await PostalMime.parse(readFileSync(join(mail, file))), {
    from: { address: 'no-reply@localhost', name: 'Latchkey' },
    to: [{ address: ada }],
    text: /^Hello,/
  })
  const address = `https://example.org/reset?token=${'x'.repeat(80)}`
  const long = { id: 'x', to: ada, at: 0, subject: 'Grüße', text: `${address}\n\nGrüße\n` }
  const path = await new FileSender(folder, { name: 'Grün', address: ada }).send(long)
  t.ok(readFileSync(path, 'utf8').includes(`\n\n${address}\n`), 'a link is in one piece for any reader')
  t.match(await PostalMime.parse(readFileSync(path)), { subject: 'Grüße', text: long.text })
  // What any process posts, this one finds.
  const database = await openSqlite(join(folder, 'latchkey.db'), patience)
  const message = { template: 'test', to: ada, data: {}, expiresAt: Number.MAX_SAFE_INTEGER } as const
  await allOrNothing(database, () => app[services].mail.post(message))
  await database.close()
  await eventually('a second file', () => readdirSync(mail).length === 2)
  await eventually('its path in the log', () =>
    log.lines.some((line) => line.includes('A mail was written to'))
  )
})

t.test('the service sends, counts, tells of failures, and is ready without a mail server', async (t) => {
  const server = await new MailServer().listen(t)
  const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
  const MAIL_URL = `smtp://127.0.0.1:${server.port}`
  const env = { DATABASE_URL, MAIL_URL, MAIL_FROM: 'Sign-in <login@example.org>', METRICS_TOKEN: secret }
  const app = await build(t, { env })
  const { mail, metrics, audit } = app[services]
  const latchkey = commandIn(t, settings(t, { DATABASE_URL, MAIL_URL }))
  const database = await openSqlite(DATABASE_URL.slice('file:'.length), patience)
  t.teardown(() => database.close())
  const message = { template: 'test', to: ada, data: {}, expiresAt: Number.MAX_SAFE_INTEGER } as const
  const post = (more: Partial<NewMail> = {}) =>
    allOrNothing(database, () => mail.post({ ...message, ...more }))
  const numbers = async () =>
    Object.fromEntries(
      [...(await metrics!.text()).matchAll(/^(latchkey_mail\S*) (\S+)$/gm)].map(([, name, value]) => [
        name,
        Number(value)
      ])
    )

  await post()
  await mail.worker?.sendDue()
  t.match(await server.messages(), [{ from: { name: 'Sign-in', address: 'login@example.org' } }])
  t.match(await latchkey(['mail', 'test', ada]), {
    code: 0,
    out: 'The mail server took it: 250 OK: message queued\n'
  })

  server.behaviour = { at: 'recipient', code: 550, text: 'No such user' }
  t.match(await latchkey(['mail', 'test', ada]), {
    code: 1,
    err: 'The mail server answered: 550 No such user\n'
  })
  const browser = await registerAlice(app)
  const { id: account, name } = await accountOf(app)
  await post({ account, template: 'address-taken', data: { name } })
  await mail.worker?.sendDue()
  t.match(
    (await browser.get('/account/email')).body,
    /The last mail to ada@example\.org could not be delivered\..+550 No such user/
  )
  const failure = 'The mail server answered: 550 No such user'
  await eventually('an event', async () => (await audit.list(undefined, 1))[0]?.event === 'mail-failed')
  // Its owner sees it, and not that somebody else has the address.
  t.match(await audit.list(undefined, 1), [
    { event: 'mail-failed', account, name, detail: `confirm-address: ${failure}` }
  ])

  await server.close()
  await post()
  await mail.worker?.sendDue()
  t.match(await numbers(), {
    'latchkey_mails_total{outcome="sent"}': 1,
    'latchkey_mails_total{outcome="failed"}': 1,
    latchkey_mails_waiting: 1,
    latchkey_mail_down: 1
  })
  t.equal((await app.inject('/health/ready')).statusCode, 200)
  const listed = (await latchkey(['mail', 'list', '--json'])).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(listed, [
    {
      state: 'queued',
      to: ada,
      template: 'test',
      tries: 1,
      error: /^The mail server cannot be used: .*ECONNREFUSED/
    },
    { state: 'failed', error: failure },
    { state: 'sent', error: null }
  ])
  t.match((await latchkey(['mail', 'list', '--state', 'failed'])).out, /550 No such user\n$/)
  const [, { id }] = listed
  for (const [words, outcome] of [
    [['retry'], { code: 2 }],
    [['retry', id, '--all'], { code: 2 }],
    [['retry', 'other'], { code: 1, err: /^No such message failed/ }],
    [['retry', id], { code: 0, out: '1 message is tried again. The service sends them.\n' }],
    [['retry', '--all'], { code: 1 }],
    [['test', 'nobody'], { code: 1 }],
    [['list', '--lines', '0'], { code: 2 }]
  ] as const)
    t.match(await latchkey(['mail', ...words]), outcome, words.join(' '))
})

t.test('where mail is off nothing is written, and the command says why', async (t) => {
  const env = settings(t, { PUBLIC_URL: 'https://login.example.org' })
  const latchkey = commandIn(t, env)
  t.match(await latchkey(['mail', 'test', ada]), {
    code: 1,
    err: /^MAIL_URL is not set, so there is no mail/
  })
  t.match(await latchkey(['mail', 'list']), { code: 0, out: 'No mail was posted in the last 30 days.\n' })
  const app = await build(t, { env: { MAIL_URL: 'off' } })
  t.match(app[services].mail, { isOn: false, worker: undefined })
})

t.test(
  'what waits when mail is turned off is listed, ends in time, and is not sent weeks later',
  async (t) => {
    const server = await new MailServer().listen(t)
    const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
    const DATA_KEYS = secret
    const before = await build(t, { env: { DATABASE_URL, DATA_KEYS, MAIL_URL: 'smtp://127.0.0.1:9' } })
    const database = await openSqlite(DATABASE_URL.slice('file:'.length), patience)
    t.teardown(() => database.close())
    const expiresAt = Date.now() + 1_800_000
    const post = () => {
      const message = { template: 'reset', to: ada, data: { url: 'x' }, expiresAt } as const
      return allOrNothing(database, () => before[services].mail.post(message))
    }
    await post()
    await before.close()
    const weeksLater = () => Date.now() + 21 * 24 * 3_600_000
    const off = { DATABASE_URL, DATA_KEYS, MAIL_URL: 'off' }
    const latchkey = commandIn(t, settings(t, off))
    const states = async () => (await latchkey(['mail', 'list', '--json'])).out.match(/"state":"\w+"/g)
    t.same(await states(), ['"state":"queued"'])
    t.match(await latchkey(['mail', 'retry', '--all']), { code: 1, err: /^MAIL_URL is off/ })
    const without = await build(t, { env: off, now: weeksLater })
    await without[services].mail.sweeper.sweep()
    t.same(await states(), ['"state":"failed"'])
    t.match(await without[services].audit.list(undefined, 1), [{ event: 'mail-failed', detail: /^reset: / }])
    const again = await build(t, {
      env: { ...off, MAIL_URL: `smtp://127.0.0.1:${server.port}` },
      now: weeksLater
    })
    await post()
    await again[services].mail.worker?.sendDue()
    t.same(server.raw, [])
    const rows = await database.sql.selectFrom('outbox').select(['sent_at', 'data']).execute()
    t.same(rows, Array(2).fill({ sent_at: null, data: null }), 'no link is left')
  }
)
