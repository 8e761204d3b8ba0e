import { DatabaseSync } from 'node:sqlite'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, databaseFile, log, Visitor } from '../build.ts'
import { recorded } from '../recorded-statements.ts'
import { setUpCodes, TestClock } from '../second-factors.ts'
import { linkIn, openMailbox } from '../servers/mailbox.ts'

const password = 'three quite new words'

/** Somebody of each kind, and an address. */
const names = {
  known: 'alice',
  unknown: 'nancy',
  disabled: 'david',
  'without an address': 'norma',
  'an address': 'alice@example.org',
  'an unknown address': 'nancy@example.org',
  'of a disabled account': 'david@example.org'
}

async function open(t: Test, env: Record<string, string> = {}) {
  const clock = new TestClock()
  const app = await build(t, { env: { PUBLIC_URL: 'http://id.example.org', ...env }, now: clock.now })
  const { accounts, addresses } = app[services]
  for (const username of ['alice', 'david', 'norma']) await accounts.add({ ...alice, username })
  for (const name of ['alice', 'david'])
    await addresses.set((await accountOf(app, name)).id, `${name}@example.org`, {})
  await accounts.disable('david')
  return { app, clock }
}

/** What is answered to whom, and with which statements. Each from a network of its own. */
async function answersOf(app: FastifyInstance, url: string, accept: string) {
  const answers = new Map<string, unknown>()
  for (const [index, [kind, username]] of Object.entries(names).entries()) {
    const statements: string[] = []
    const answer = await recorded.run(statements, async () => {
      const remoteAddress = `192.0.2.${index}`
      const headers = { accept, host: 'id.example.org', 'x-forwarded-host': 'evil.example' }
      const {
        statusCode,
        headers: sent,
        body
      } = await app.inject({
        ...{ method: 'POST', url, remoteAddress, headers, payload: { username } }
      })
      const { date, ...same } = sent
      return { statusCode, same, body, statements: [...statements] }
    })
    answers.set(kind, answer)
  }
  return answers
}

t.test('whoever asks is answered alike, to the byte and the statement, and one gets a mail', async (t) => {
  const mailbox = await openMailbox(t)
  const { app } = await open(t, { MAIL_URL: mailbox.url })
  const { resets } = app[services]
  for (const [url, accept, status] of [
    ['/forgot', 'text/html', 200],
    ['/forgot', 'application/json', 202],
    ['/api/forgot', '*/*', 202]
  ] as const) {
    const [first, ...others] = (await answersOf(app, url, accept)).values()
    t.match(first, { statusCode: status })
    for (const other of others) t.same(other, first, `${url} ${accept}`)
    const { statements } = first as { statements: string[] }
    t.notMatch(statements.join('\n'), /accounts|link_tokens|outbox/, 'nothing is looked up')
    t.ok(statements.some((each) => /insert into reset_requests/i.test(each)))
  }
  await resets.lookUp()
  const mail = await mailbox.received(/^A new password for/)
  t.match(mail, { to: [{ address: 'alice@example.org' }] })
  t.equal(linkIn(mail).origin, 'http://id.example.org', 'whatever the request said')
  await resets.lookUp()
  const mails = await mailbox.server.messages()
  t.equal(mails.filter(({ subject = '' }) => /^A new password for/.test(subject)).length, 1)
  const events = await app.latchkey.audit.list((await accountOf(app)).id, 9)
  t.match(
    events.filter(({ event }) => event === 'reset-request'),
    [{ name: 'alice', address: /^192\.0\.2\./ }]
  )
})

t.test('a dead mail server changes no answer, and a dead database is told everybody', async (t) => {
  const { app } = await open(t, { MAIL_URL: 'smtp://127.0.0.1:9' })
  const [first, ...others] = (await answersOf(app, '/forgot', 'text/html')).values()
  t.match(first, { statusCode: 200 })
  for (const other of others) t.same(other, first)
  await app[services].resets.lookUp()
  const database = new DatabaseSync(databaseFile(app))
  database.exec('ALTER TABLE reset_requests RENAME TO away')
  const [failed, ...alike] = (await answersOf(app, '/forgot', 'application/json')).values()
  t.match(failed, { statusCode: 503, same: { 'retry-after': '5' } })
  for (const other of alike) t.same(other, failed)
  database.exec('ALTER TABLE away RENAME TO reset_requests')
  database.close()
})

t.test('a link of a mail is spent by one post alone, drops no factor and signs nobody in', async (t) => {
  const mailbox = await openMailbox(t)
  const { app, clock } = await open(t, { MAIL_URL: mailbox.url })
  const { links, resets } = app[services]
  const authenticator = await setUpCodes(app, clock)
  const signedIn = new Visitor(app, 'program')
  await signedIn.post('/login', { ...alice, code: authenticator.code() })
  t.equal((await signedIn.get('/dashboard')).statusCode, 200)
  const command = await links.make((await app[services].accounts.find('alice'))!)

  await new Visitor(app, 'browser').submit('/forgot', { username: 'ALICE' })
  await resets.lookUp()
  const mail = await mailbox.received(/^A new password for/)
  const { pathname, search, searchParams } = linkIn(mail)
  log.keepSecret(searchParams.get('token') ?? '')
  const browsers = [new Visitor(app, 'browser'), new Visitor(app, 'browser')] as const
  for (let times = 0; times < 50; times += 1) {
    const headers = { 'x-forwarded-host': 'evil.example' }
    const looked = await app.inject({ method: 'HEAD', url: pathname + search, headers })
    t.match(looked.headers, { location: '/reset' }, 'on this site')
    await app.inject({ url: pathname + search, headers })
  }
  for (const browser of browsers) {
    await browser.get(pathname + search)
    t.match((await browser.get('/reset')).body, 'For the account alice')
  }
  const answers = await Promise.all(browsers.map((browser) => browser.submit('/reset', { password })))
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 404], 'of two posts at once one')
  const page = answers.find(({ statusCode }) => statusCode === 200)?.body
  t.match(page, 'You also need your second way to sign in')
  t.ok(
    browsers.some(({ cookies }) => Object.keys(cookies).length === 0),
    'signed in nowhere'
  )
  t.equal(await links.find(command?.token), undefined, 'nor does another link work')
  t.equal((await signedIn.get('/dashboard')).statusCode, 401)
  t.match(await app[services].accounts.find('alice'), { secondFactors: 1 })
  t.match((await signedIn.post('/login', alice)).json(), { code: 'LATCHKEY_WRONG_CREDENTIALS' })
  const half = await signedIn.post('/login', { ...alice, password })
  t.match(half.json(), { code: 'LATCHKEY_SECOND_FACTOR_REQUIRED' })
  const whole = await signedIn.post('/login', { ...alice, password, code: authenticator.code() })
  t.equal(whole.statusCode, 200)
  const told = await mailbox.received(/password for .* was changed/)
  t.match(told, { to: [{ address: 'alice@example.org' }], text: /chosen anew, through a link/ })
})

t.test('who asks all day does not keep the owner’s browser from a link, in the same network', async (t) => {
  const mailbox = await openMailbox(t)
  const { app, clock } = await open(t, { MAIL_URL: mailbox.url })
  const { mail, resets } = app[services]
  const owner = new Visitor(app, 'browser')
  await owner.submit('/login', alice)
  await owner.submit('/logout')
  const ask = async (browser: Visitor) => {
    await browser.submit('/forgot', { username: 'alice@example.org' })
    await resets.lookUp()
    return (await mail.list({ limit: 9 })).filter(({ template }) => template === 'reset').length
  }
  const stranger = new Visitor(app, 'browser')
  const mails = []
  for (const browser of [stranger, stranger, stranger, stranger, owner]) {
    mails.push(await ask(browser))
    if (browser === stranger) clock.pass(21 * 60_000)
  }
  t.same(mails, [1, 2, 3, 3, 4])
})

t.test('each request of a network counts, whatever it asks for', async (t) => {
  const { app } = await open(t, { MAIL_URL: 'smtp://127.0.0.1:9' })
  const statuses = async (username: string, remoteAddress: string, accept: string) => {
    const seen = []
    for (let times = 0; times < 12; times += 1) {
      const request = { method: 'POST', url: '/forgot', remoteAddress, payload: { username } } as const
      seen.push(await app.inject({ ...request, headers: { accept, host: 'id.example.org' } }))
    }
    return seen
  }
  const known = await statuses('alice', '192.0.2.1', 'text/html')
  const unknown = await statuses('nancy', '192.0.2.2', 'text/html')
  t.same(
    known.map(({ statusCode }) => statusCode),
    [...Array(10).fill(200), 429, 429]
  )
  t.same(
    unknown.map(({ body }) => body.replaceAll('nancy', 'alice')),
    known.map(({ body }) => body)
  )
  t.match(known.at(-1)?.body, /value="alice"/, 'the form keeps what was typed')
  const program = await statuses('alice', '192.0.2.1', 'application/json')
  t.match(program[0]?.json(), { code: 'LATCHKEY_THROTTLED' })
  t.equal((await statuses('a'.repeat(321), '192.0.2.3', 'text/html'))[0]?.statusCode, 400)
  const browser = new Visitor(app, 'browser')
  t.match((await browser.get('/login')).body, '<a href="/forgot">Forgot your password?</a>')
  t.match((await browser.get('/forgot')).body, 'Send the link')
})

t.test('where mail is off, nobody is promised any', async (t) => {
  const app = await build(t, { env: { MAIL_URL: 'off' } })
  const browser = new Visitor(app, 'browser')
  t.match((await browser.get('/login')).body, 'Forgot your password? Ask whoever runs this site.')
  t.notMatch((await browser.get('/login')).body, '/forgot')
  t.match(await browser.get('/forgot'), { statusCode: 404, body: /sends no mail/ })
  t.equal((await browser.submit('/forgot', { username: 'alice' })).statusCode, 404)
  const program = new Visitor(app, 'program')
  t.match((await program.post('/api/forgot', { username: 'alice' })).json(), { code: 'LATCHKEY_MAIL_OFF' })
})
