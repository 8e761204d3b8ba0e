import { DatabaseSync } from 'node:sqlite'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, databaseFile, log, Visitor } from '../build.ts'
import { recorded } from '../recorded-statements.ts'
import { TestClock } from '../second-factors.ts'
import { linkIn, openMailbox } from '../servers/mailbox.ts'

const password = 'three quite new words'

async function open(t: Test, env: Record<string, string>) {
  const mailbox = await openMailbox(t)
  const clock = new TestClock()
  const more = { PUBLIC_URL: 'http://id.example.org', MAIL_URL: mailbox.url, REGISTRATION: 'open' }
  const app = await build(t, { env: { ...more, ...env }, now: clock.now })
  await app.latchkey.accounts.add(alice)
  await app[services].addresses.set((await accountOf(app)).id, 'alice@example.org', {})
  const mails = async (to: string) => {
    const all = await mailbox.server.messages()
    return all.filter((mail) => mail.to?.[0]?.address?.toLowerCase() === to).map(({ subject }) => subject)
  }
  return { app, clock, mailbox, mails }
}

let networks = 0

/** What is answered to whom, and with which statements. Each from a network of its own. */
async function answersTo(
  app: FastifyInstance,
  { url, accept }: { readonly url: string; readonly accept: string },
  forms: readonly Record<string, string>[]
) {
  const answers = []
  for (const payload of forms) {
    const statements: string[] = []
    networks += 1
    const headers = { accept, host: 'id.example.org', 'x-forwarded-host': 'evil.example' }
    const remoteAddress = `192.0.2.${networks}`
    const {
      statusCode,
      headers: sent,
      body
    } = await recorded.run(statements, () =>
      app.inject({ method: 'POST', url, payload, remoteAddress, headers })
    )
    const { date, ...same } = sent
    answers.push({ statusCode, same, body, statements: [...statements] })
  }
  return answers
}

const eitherAddress = [{ email: 'alice@example.org' }, { email: 'nancy@example.org' }]

t.test(
  'with required, whoever has the address, the answer is the same to the byte and the statement',
  async (t) => {
    const { app, mailbox, mails } = await open(t, { REGISTRATION_EMAIL: 'required' })
    const { resets, accounts } = app[services]
    const addresses = ['alice@example.org', 'nancy@example.org', 'Nancy@Example.org', 'ALICE@example.org']
    for (const [url, accept, status] of [
      ['/register', 'text/html', 200],
      ['/register', 'application/json', 202],
      ['/api/registrations', '*/*', 202]
    ] as const) {
      const forms = addresses.map((email) => ({ email }))
      const [first, ...others] = await answersTo(app, { url, accept }, forms)
      t.equal(first?.statusCode, status)
      for (const other of others) t.same(other, first, `${url} ${accept}`)
      t.notMatch(first?.statements.join('\n'), /accounts|invitations|outbox/, 'nothing is looked up')
    }
    await resets.lookUp()
    t.match(await mailbox.received(/^You already have an account/), {
      to: [{ address: /^alice@example\.org$/i }],
      text: /alice/
    })
    const mail = await mailbox.received(/^Create your account at/)
    t.equal(linkIn(mail).origin, 'http://id.example.org', 'whatever the request said')
    t.same([(await mails('alice@example.org')).length, (await mails('nancy@example.org')).length], [1, 1])
    t.same(
      (await app.latchkey.accounts.list()).map(({ name }) => name),
      ['alice'],
      'nothing is there yet'
    )
    t.same(await app[services].invitations.list(), [], 'no administrator reads who wants an account')

    const { pathname, search, searchParams } = linkIn(mail)
    log.keepSecret(searchParams.get('token') ?? '')
    const browser = new Visitor(app, 'browser')
    for (let times = 0; times < 3; times += 1) await browser.get(pathname + search)
    t.match((await browser.get('/invitation')).body, /Choose a name[^<]+nancy@example\.org\./i)
    const foreign = await browser.submit('/invitation', { username: 'bob@example.org', password })
    t.match(foreign, { statusCode: 400, body: /must be your own/ })
    t.equal((await browser.submit('/invitation', { username: 'alice', password })).statusCode, 409)
    t.equal((await browser.submit('/invitation', { username: 'nancy', password })).statusCode, 200)
    t.match(await accounts.find('nancy'), { email: /^nancy@example\.org$/i, role: 'user' })
    t.same(Object.keys(browser.cookies), ['latchkey-browser'], 'nobody is signed in by it')
    t.equal((await browser.get('/invitation')).statusCode, 404)
    const [event] = await app.latchkey.audit.list((await accountOf(app, 'nancy')).id, 9)
    t.match(event, { event: 'registration', name: 'nancy' })
  }
)

t.test('a dead mail server changes no answer, and a dead database is told everybody', async (t) => {
  const { app } = await open(t, { REGISTRATION_EMAIL: 'required', MAIL_URL: 'smtp://127.0.0.1:9' })
  const [first, ...others] = await answersTo(app, { url: '/register', accept: 'text/html' }, eitherAddress)
  t.equal(first?.statusCode, 200)
  for (const other of others) t.same(other, first)
  await app[services].resets.lookUp()
  const database = new DatabaseSync(databaseFile(app))
  database.exec('ALTER TABLE reset_requests RENAME TO away')
  for (const url of ['/register', '/api/registrations']) {
    const [failed, ...alike] = await answersTo(app, { url, accept: 'application/json' }, eitherAddress)
    t.match(failed, { statusCode: 503, same: { 'retry-after': '5' } })
    for (const other of alike) t.same(other, failed)
  }
  database.exec('ALTER TABLE away RENAME TO reset_requests')
  database.close()
})

t.test('a link is for one page alone, and what is no address is refused', async (t) => {
  const { app, mailbox } = await open(t, { REGISTRATION_EMAIL: 'required' })
  const browser = new Visitor(app, 'browser')
  for (const email of [
    'a@example.org\r\nBcc: b@example.org',
    'a@example.org, b@example.org',
    `${'a'.repeat(65)}@b.org`
  ])
    t.match(await browser.submit('/register', { email }), { statusCode: 400, body: /aria-invalid="true"/ })
  const both = { email: 'nancy@example.org', username: 'nancy', password }
  t.equal((await browser.submit('/register', both)).statusCode, 200)
  t.equal(await app[services].accounts.find('nancy'), undefined, 'a link makes the account')
  await browser.submit('/forgot', { username: 'alice' })
  await app[services].resets.lookUp()
  const tokenIn = (mail: Parameters<typeof linkIn>[0]) => {
    const token = linkIn(mail).searchParams.get('token') ?? ''
    log.keepSecret(token)
    return token
  }
  const registration = tokenIn(await mailbox.received(/^Create your account at/))
  const reset = tokenIn(await mailbox.received(/^A new password/))
  for (const [path, token] of [
    ['/reset', registration],
    ['/account/email/undo', registration],
    ['/invitation', reset]
  ] as const) {
    const visitor = new Visitor(app, 'browser')
    await visitor.get(`${path}?token=${token}`)
    t.equal((await visitor.get(path)).statusCode, 404, path)
    const answer = await visitor.submit(path, { username: 'mallory', password })
    t.equal(answer.statusCode, 404, `POST ${path}`)
  }
})

t.test('nobody floods a stranger, and an earlier link goes on', async (t) => {
  const { app, clock, mailbox } = await open(t, { REGISTRATION_EMAIL: 'required' })
  const { invitations, resets } = app[services]
  const ask = async () => {
    await resets.ask({ typed: 'nancy@example.org', address: '192.0.2.1', kind: 'registration' })
    await resets.lookUp()
  }
  await ask()
  const { searchParams } = linkIn(await mailbox.received(/^Create your account at/))
  const token = searchParams.get('token') ?? ''
  log.keepSecret(token)
  for (let minutes = 0; minutes < 23 * 60; minutes += 10) {
    clock.pass(10 * 60_000)
    await ask()
  }
  t.match(await invitations.find(token), { kind: 'registration', address: 'nancy@example.org' })
  const posted = await app[services].mail.list({ limit: 99 })
  t.equal(posted.filter(({ template }) => template === 'registration').length, 5, 'five a day')
  const browser = new Visitor(app, 'browser')
  let status = 0
  for (let times = 0; times < 12; times += 1)
    status = (await browser.submit('/register', { email: `n${times}@example.org` })).statusCode
  t.equal(status, 429)
})

t.test('once registration is closed, its links open nothing, and nobody gets another', async (t) => {
  const { app, mailbox } = await open(t, { REGISTRATION_EMAIL: 'required' })
  await new Visitor(app, 'browser').submit('/register', { email: 'nancy@example.org' })
  await app[services].resets.lookUp()
  const { pathname, search, searchParams } = linkIn(await mailbox.received(/^Create your account at/))
  log.keepSecret(searchParams.get('token') ?? '')
  const visit = async (app: FastifyInstance) => {
    const browser = new Visitor(app, 'browser')
    await browser.get(pathname + search)
    return (await browser.get('/invitation')).statusCode
  }
  t.equal(await visit(app), 200)
  const again = { DATABASE_URL: `file:${databaseFile(app)}`, MAIL_URL: mailbox.url }
  const closed = await build(t, {
    env: { ...again, PUBLIC_URL: 'http://id.example.org', REGISTRATION_EMAIL: 'required' }
  })
  t.equal(await visit(closed), 404)
  const program = new Visitor(closed, 'program')
  const refused = { status: 403, code: 'LATCHKEY_REGISTRATION_CLOSED' }
  t.match((await program.post('/api/registrations', { email: 'a@example.org' })).json(), refused)
  t.match((await program.post('/register', { username: 'bob', password })).json(), refused)
  t.notMatch((await new Visitor(closed, 'browser').get('/login')).body, '/register')
})

t.test('the first account needs the code of the start and no address, whatever the setting', async (t) => {
  for (const REGISTRATION_EMAIL of ['optional', 'required']) {
    const mailbox = await openMailbox(t)
    const env = { REGISTRATION_EMAIL, PUBLIC_URL: 'http://id.example.org', MAIL_URL: mailbox.url }
    const app = await build(t, { env })
    const code = await app[services].firstAccount.code()
    const program = new Visitor(app, 'program')
    const email = 'alice@example.org'
    t.equal((await program.post('/api/registrations', { email })).statusCode, 403)
    t.match((await program.post('/register', { ...alice, email })).json(), {
      code: 'LATCHKEY_FIRST_ACCOUNT_CODE'
    })
    t.same(await app[services].mail.list({ limit: 9 }), [], 'whoever has no code sends no mail')
    t.match((await program.get(`/register?code=${code}`)).json(), { email: 'optional' })
    t.same((await program.post('/register', { ...alice, code, email })).json(), {
      user: 'alice',
      sentTo: email
    })
    t.match(await app[services].accounts.find('alice'), { role: 'admin', email: undefined })
    t.equal((await program.post('/register', { username: 'bob', password, code })).statusCode, 403)
  }
})

t.test('with optional, an address is confirmed afterwards, and is never on the account before', async (t) => {
  const { app, mailbox } = await open(t, { REGISTRATION_EMAIL: 'optional' })
  const browser = new Visitor(app, 'browser')
  const page = (await browser.get('/register')).body
  t.match(page, /<label for="username">Name<\/label>/)
  t.match(page, /name="email"/)
  const bob = { username: 'bob', password }
  const wrong = await browser.submit('/register', { ...bob, email: 'bob' })
  t.match(wrong, { statusCode: 400, body: /name="email"[^>]+value="bob"[^>]+aria-invalid="true" autofocus/ })
  t.equal((await browser.submit('/register', { ...bob, username: 'bob@example.org' })).statusCode, 400)
  t.equal((await browser.submit('/register', { ...bob, email: 'bob@example.org' })).statusCode, 303)
  t.match((await browser.get('/dashboard')).body, 'To confirm bob@example.org')
  t.equal((await app[services].accounts.find('bob'))?.email, undefined)
  const { pathname, search, searchParams } = linkIn(await mailbox.received(/confirm|Confirm/))
  log.keepSecret(searchParams.get('token') ?? '')
  await browser.get(pathname + search)
  t.equal((await browser.submit('/account/email/confirm')).statusCode, 303)
  t.equal((await app[services].accounts.find('bob'))?.email, 'bob@example.org')

  const program = new Visitor(app, 'program')
  t.same((await program.get('/register')).json(), { passwordMinLength: 15, email: 'optional' })
  const taken = await program.post('/register', { username: 'carol', password, email: 'alice@example.org' })
  t.same(taken.json(), { user: 'carol', sentTo: 'alice@example.org' }, 'nobody learns who has one')
  t.match(await mailbox.received(/^You already have an account/), { to: [{ address: 'alice@example.org' }] })
  t.equal((await app[services].accounts.find('carol'))?.email, undefined)
  t.same((await new Visitor(app, 'program').post('/register', { username: 'dora', password })).json(), {
    user: 'dora'
  })
  t.match((await browser.get('/account/name')).body, /<label for="name">New name<\/label>/)
})

t.test('with optional, whoever has the address, the answer is the same but for the name', async (t) => {
  const { app } = await open(t, { REGISTRATION_EMAIL: 'optional' })
  const forms = [...eitherAddress, ...eitherAddress].map((form, index) => {
    return { ...form, username: `user ${index}`, password }
  })
  const [taken, free, takenAgain, freeAgain] = await answersTo(
    app,
    { url: '/register', accept: 'application/json' },
    forms
  )
  t.same(taken?.statements, free?.statements)
  t.same(Object.keys(taken?.same ?? {}), Object.keys(free?.same ?? {}))
  t.same(JSON.parse(taken?.body ?? ''), { user: 'user 0', sentTo: 'alice@example.org' })
  t.same(JSON.parse(free?.body ?? ''), { user: 'user 1', sentTo: 'nancy@example.org' })
  t.same(JSON.parse(takenAgain?.body ?? ''), { user: 'user 2' }, 'one mail in 20 minutes')
  t.same(JSON.parse(freeAgain?.body ?? ''), { user: 'user 3' })
  t.same(takenAgain?.statements, freeAgain?.statements)
  const browser = new Visitor(app, 'browser')
  await browser.submit('/register', { username: 'bob', password, email: 'nancy@example.org' })
  t.match((await browser.get('/dashboard')).body, /could not mail a link to nancy@example\.org now/)
  const posted = await app[services].mail.list({ limit: 9 })
  t.same(posted.map(({ template }) => template).sort(), ['address-taken', 'confirm-address'])
})

t.test('without mail the service does not start with it, and says what is missing', async (t) => {
  const needed = { REGISTRATION_EMAIL: 'required', REGISTRATION: 'open' }
  for (const [env, missing] of [
    [{ MAIL_URL: 'off' }, 'MAIL_URL is off: set the address of a mail server'],
    [{ PUBLIC_URL: 'http://id.example.org' }, 'MAIL_URL is not set: set the address of a mail server']
  ] as const)
    await t.rejects(build(t, { env: { ...needed, ...env } }), {
      message: `Latchkey cannot run with these settings:\n  - REGISTRATION_EMAIL is required, and ${missing}`
    })
  t.ok((await build(t, { env: needed })).server, 'on localhost it is written into files')
})
