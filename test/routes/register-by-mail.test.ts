import { AsyncLocalStorage } from 'node:async_hooks'
import { StatementSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, log, registerAlice, Visitor } from '../build.ts'
import { TestClock } from '../second-factors.ts'
import { linkIn, openMailbox } from '../servers/mailbox.ts'

const password = 'three quite new words'

/** The statements of a request, in their order. */
const recorded = new AsyncLocalStorage<string[]>()
for (const method of ['run', 'get', 'all', 'iterate'] as const) {
  const original = StatementSync.prototype[method] as (...values: unknown[]) => unknown
  Reflect.set(StatementSync.prototype, method, function (this: StatementSync, ...values: unknown[]) {
    recorded.getStore()?.push(this.sourceSQL)
    return Reflect.apply(original, this, values)
  })
}

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

t.test(
  'with required, whoever has the address, the answer is the same to the byte and the statement',
  async (t) => {
    const { app, mailbox, mails } = await open(t, { REGISTRATION_EMAIL: 'required' })
    const { resets, accounts } = app[services]
    const addresses = ['alice@example.org', 'nancy@example.org', 'Nancy@Example.org', 'ALICE@example.org']
    let network = 0
    for (const [url, accept, status] of [
      ['/register', 'text/html', 200],
      ['/register', 'application/json', 202],
      ['/api/registrations', '*/*', 202]
    ] as const) {
      const answers = []
      for (const email of addresses) {
        const statements: string[] = []
        network += 1
        const { statusCode, headers, body } = await recorded.run(statements, () =>
          app.inject({
            ...{ method: 'POST', url, payload: { email }, remoteAddress: `192.0.2.${network}` },
            headers: { accept, host: 'id.example.org', 'x-forwarded-host': 'evil.example' }
          })
        )
        const { date, ...same } = headers
        answers.push({ statusCode, same, body, statements: [...statements] })
      }
      const [first, ...others] = answers
      t.equal(first?.statusCode, status)
      for (const other of others) t.same(other, first, `${url} ${accept}`)
      t.notMatch(first?.statements.join('\n'), /accounts|invitations|outbox/, 'nothing is looked up')
    }
    await resets.lookUp()
    t.match(await mailbox.received(/^You already have an account/), {
      to: [{ address: /^alice@example\.org$/i }],
      text: /alice/
    })
    const mail = await mailbox.received(/^Your account at/)
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
    t.same(browser.cookies, {}, 'nobody is signed in by it')
    t.equal((await browser.get('/invitation')).statusCode, 404)
    const [event] = await app.latchkey.audit.list((await accountOf(app, 'nancy')).id, 9)
    t.match(event, { event: 'registration', name: 'nancy' })
  }
)

t.test('nobody floods a stranger, and an earlier link goes on', async (t) => {
  const { app, clock, mailbox } = await open(t, { REGISTRATION_EMAIL: 'required' })
  const { invitations, resets } = app[services]
  const ask = async () => {
    await resets.ask({ typed: 'nancy@example.org', address: '192.0.2.1', kind: 'registration' })
    await resets.lookUp()
  }
  await ask()
  const { searchParams } = linkIn(await mailbox.received(/^Your account at/))
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

t.test(
  'where registration is not open, its links open nothing, and a first account needs no mail',
  async (t) => {
    const { app } = await open(t, { REGISTRATION_EMAIL: 'required', REGISTRATION: 'closed' })
    const program = new Visitor(app, 'program')
    const refused = { status: 403, code: 'LATCHKEY_REGISTRATION_CLOSED' }
    t.match((await program.post('/api/registrations', { email: 'a@example.org' })).json(), refused)
    t.match((await program.post('/register', { username: 'bob', password })).json(), refused)
    const first = await build(t, { env: { REGISTRATION_EMAIL: 'required' } })
    await registerAlice(first)
    t.match(await first.latchkey.accounts.find('alice'), { role: 'admin' })
  }
)

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

t.test('without mail the service does not start with it', async (t) => {
  for (const env of [{ MAIL_URL: 'off' }, { PUBLIC_URL: 'http://id.example.org' }])
    await t.rejects(
      build(t, { env: { REGISTRATION_EMAIL: 'optional', ...env } }),
      /REGISTRATION_EMAIL is optional/
    )
})
