import type { FastifyInstance } from 'fastify'
import { HOTP, Secret } from 'otpauth'
import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, registerAlice, Visitor } from '../../build.ts'
import { Authenticator } from '../../factors/passkeys/authenticator.ts'

const json = { headers: { accept: 'application/json' } }

/** Alice in two browsers, and a clock. */
async function start(t: Parameters<typeof build>[0], env = {}) {
  let time = Date.parse('2026-11-29T10:00Z')
  const app = await build(t, { env, now: () => time })
  const browser = await registerAlice(app)
  const elsewhere = new Visitor(app, 'browser')
  await elsewhere.submit('/login', alice)
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { app, browser, elsewhere, pass, codeOf: (key: string) => codeAt(key, time) }
}

function codeAt(key: string, time: number) {
  const secret = Secret.fromBase32(key.replaceAll(' ', ''))
  return HOTP.generate({ secret, counter: Math.floor(time / 30_000) })
}

async function isIn(visitor: Visitor) {
  return (await visitor.get('/dashboard')).statusCode === 200
}

const factorsOf = async (app: FastifyInstance) =>
  (await app[services].accounts.find(alice.username))?.secondFactors

const events = async (app: FastifyInstance) =>
  (await app.latchkey.audit.list((await accountOf(app)).id, 50)).map(({ event }) => event)

t.test('an authenticator app is set up by its first code, and recovery codes are shown once', async (t) => {
  const { app, browser, elsewhere, codeOf } = await start(t)
  t.match((await browser.get('/account/security')).body, 'At present your password is all it takes')
  const { key, uri, enrolment } = (await browser.get('/account/security/app', json)).json()
  t.match(uri, /^otpauth:\/\/totp\/Latchkey:alice\?issuer=Latchkey&secret=[A-Z2-7]{32}/)
  t.match(key, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)

  const wrong = await browser.submit('/account/security/app', { enrolment, code: '000 000' })
  t.equal(wrong.statusCode, 400)
  t.match(wrong.body, key, 'the same key is shown again')
  t.match(wrong.body, 'aria-describedby="error" autofocus')
  t.equal(await factorsOf(app), 0, 'nothing is stored')

  const added = await browser.submit('/account/security/app', { enrolment, code: codeOf(key) })
  t.equal(added.statusCode, 200)
  t.equal(added.body.match(/<code>([\dA-Z]{4}-){5}[\dA-Z]{4}</g)?.length, 10)
  t.match(added.body, '<body class="printed">')
  t.ok(await isIn(browser), 'this session goes on')
  t.notOk(await isIn(elsewhere), 'all others end')
  const shown = await browser.get('/account/security')
  t.match(shown.body, 'Your password alone is not enough')
  t.match(shown.body, '10 codes are left.')
  t.match(shown.body, 'Lock your phone and your computer', 'how to protect it')
  t.notMatch(shown.body, key)
  t.ok((await events(app)).includes('code-add'))
})

t.test('an enrolment is of one account', async (t) => {
  const { app, browser, codeOf } = await start(t, { REGISTRATION: 'open' })
  const other = new Visitor(app, 'browser')
  await other.submit('/register', { username: 'bob', password: alice.password })
  const { key, enrolment } = (await other.get('/account/security/app', json)).json()
  const sent = { enrolment, code: codeOf(key) }
  const refused = await browser.submit('/account/security/app', sent)
  t.equal(refused.statusCode, 400)
  t.notMatch(refused.body, key)
  for (const forged of ['', 'x.y', `${enrolment}A`])
    t.equal((await browser.submit('/account/security/app', { ...sent, enrolment: forged })).statusCode, 400)
  t.equal(await factorsOf(app), 0)
})

t.test('new recovery codes end the old, and removing the last factor ends them all', async (t) => {
  const { app, browser, codeOf } = await start(t)
  t.equal((await browser.submit('/account/security/recovery-codes')).statusCode, 401, 'not without a factor')
  const { key, enrolment } = (await browser.get('/account/security/app', json)).json()
  const added = await browser.post('/account/security/app', { enrolment, code: codeOf(key) }, json)
  const [first] = added.json().recoveryCodes
  t.match((await browser.get('/account/security/recovery-codes')).body, 'Make new recovery codes?')
  const made = (await browser.post('/account/security/recovery-codes', {}, json)).json()
  t.equal(made.recoveryCodes.length, 10)
  t.notOk(made.recoveryCodes.includes(first))

  t.match((await browser.get('/account/security/app')).body, 'will no longer work')
  t.match((await browser.get('/account/security/app/remove')).body, 'Remove the authenticator app?')
  const removed = await browser.submit('/account/security/app/remove')
  t.equal(removed.headers.location, '/account/security')
  t.match((await browser.get('/account/security')).body, 'The authenticator app has been removed.')
  t.match((await browser.get('/account/security', json)).json(), { codes: null, recoveryCodes: { left: 0 } })
  t.ok((await events(app)).includes('code-remove'))
  t.ok((await events(app)).includes('recovery-codes-make'))
})

t.test('where two factors are needed, the last second one stays until there is another', async (t) => {
  const { app, browser, codeOf } = await start(t, { SECOND_FACTOR: 'everybody' })
  const { key, enrolment } = (await browser.get('/login/setup', json)).json()
  await browser.post('/login/setup', { enrolment, code: codeOf(key) }, json)
  const remove = '/account/security/app/remove'
  const refused = await browser.submit(remove)
  t.equal(refused.statusCode, 400)
  t.match(refused.body, 'Set up another app or passkey before you remove this one.')
  t.equal((await browser.get(remove)).statusCode, 400)
  t.equal(await factorsOf(app), 1)
  const { passkey } = (await browser.get('/account/security/passkeys', json)).json()
  const credential = new Authenticator().create(passkey)
  await browser.post('/account/security/passkeys', { credential }, json)
  t.equal((await browser.submit(remove)).headers.location, '/account/security')
  const [{ id }] = (await browser.get('/account/security', json)).json().passkeys
  const path = `/account/security/passkeys/${id}/remove`
  for (const answer of [await browser.get(path), await browser.submit(path)]) t.equal(answer.statusCode, 400)
  t.equal(await factorsOf(app), 1)
})

t.test(
  'a request in flight adds and removes nothing after the password was changed, which has ended its session',
  async (t) => {
    const { app, browser, codeOf } = await start(t)
    const thief = new Visitor(app, 'browser')
    const { key, enrolment } = (await browser.get('/account/security/app', json)).json()
    const { passkey } = (await browser.get('/account/security/passkeys', json)).json()
    const credential = new Authenticator().create(passkey)
    const { accounts } = app[services]
    const findById = accounts.findById.bind(accounts)
    const inFlight: [string, Record<string, string>][] = [
      ['/account/security/app', { enrolment, code: codeOf(key) }],
      ['/account/security/passkeys', { credential }],
      ['/account/tokens/new', { name: 'mine', days: '90', forApi: 'on' }],
      ['/account/remove', {}]
    ]
    let password = alice.password
    for (const [path, body] of inFlight) {
      thief.cookies = {}
      await thief.submit('/login', { ...alice, password })
      password += '!'
      accounts.findById = async (id) => {
        accounts.findById = findById
        await accounts.changePassword({ ...alice, password })
        return findById(id)
      }
      t.match((await thief.post(path, body, json)).json(), { code: 'LATCHKEY_SIGN_IN_UNDONE' }, path)
    }
    t.equal(await factorsOf(app), 0)
    t.same(await app[services].tokens.list((await accountOf(app)).id), [])
  }
)

t.test('factors are changed only by who has proved them lately', async (t) => {
  const { browser, pass } = await start(t)
  pass(11 * 60_000)
  t.equal((await browser.get('/account/security')).statusCode, 200, 'to look is allowed')
  for (const path of ['app', 'app/remove', 'recovery-codes', 'passkeys', 'passkeys/x', 'passkeys/x/remove'])
    t.match((await browser.get(`/account/security/${path}`)).headers.location, /^\/confirm\?next=/, path)
  for (const path of ['app/remove', 'recovery-codes', 'passkeys/x/remove'])
    t.match((await browser.submit(`/account/security/${path}`)).headers.location, /^\/confirm/, path)
})

t.test('a QR code is a picture that cameras read', async (t) => {
  const { browser } = await start(t)
  const { body } = await browser.get('/account/security/app')
  const [, size = ''] = /viewBox="0 -.5 (\d+) /.exec(body) ?? []
  const { default: readQR } = await import('qr/decode.js')
  const scale = 4
  const width = Number(size) * scale
  const data = new Uint8Array(width * width * 4).fill(255)
  for (const { x, y, length } of runsIn(body))
    for (let row = y * scale; row < (y + 1) * scale; row += 1)
      for (let at = x * scale; at < (x + length) * scale; at += 1)
        data.fill(0, (row * width + at) * 4, (row * width + at) * 4 + 3)
  const [, key = ''] = /<code>([A-Z2-7 ]+)<\/code>/.exec(body) ?? []
  t.match(readQR({ width, height: width, data }), `secret=${key.replaceAll(' ', '')}`)
})

/** The lines of the picture, each of which begins where the last one has ended. */
function runsIn(body: string) {
  let [x, y] = [0, 0]
  return [...body.matchAll(/m(-?\d+) (\d+)h(\d+)/g)].map((run) => {
    const [right = 0, down = 0, length = 0] = run.slice(1).map(Number)
    x += right
    y += down
    const line = { x, y, length }
    x += length
    return line
  })
}

t.test('a sign-in in another browser is mailed, until its owner turns that off', async (t) => {
  const { app, browser, pass } = await start(t)
  const { mail, accounts, addresses } = app[services]
  const { id } = await accountOf(app)
  const told = async () => (await mail.list({ limit: 9 })).map(({ template }) => template)
  const signIn = async (visitor: Visitor, language?: string) => {
    const headers = { 'user-agent': 'curl/8', ...(language && { 'accept-language': language }) }
    t.equal((await visitor.submit('/login', alice, { headers })).statusCode, 303)
  }
  t.notMatch((await browser.get('/account/security')).body, 'Mail about sign-ins', 'there is no address')
  await signIn(new Visitor(app, 'browser'), 'de')
  t.same(await told(), [])
  t.equal((await accounts.findById(id))?.language, 'de')

  await addresses.set(id, 'alice@example.org', { by: { kind: 'command' } })
  await signIn(browser, 'en-GB')
  t.same(await told(), [], 'a known browser')
  t.equal((await accounts.findById(id))?.language, 'en-GB')
  await signIn(new Visitor(app, 'browser'), 'de')
  t.same(await told(), ['sign-in'])
  t.equal((await accounts.findById(id))?.language, 'en-GB', 'a stranger chooses no language')
  await signIn(browser)
  t.equal((await accounts.findById(id))?.language, 'en-GB', 'a program has none')

  t.match((await browser.get('/account/security')).body, 'alice@example.org when somebody signs in as you')
  pass(11 * 60_000)
  const late = await browser.submit('/account/security/notices', { send: 'no' })
  t.equal(late.headers.location, '/confirm?next=%2Faccount%2Fsecurity%2Fnotices')
  t.equal((await browser.get('/account/security/notices')).headers.location, '/account/security')
  await signIn(browser)
  t.equal((await browser.submit('/account/security/notices', { send: 'never' })).statusCode, 400)
  const off = await browser.submit('/account/security/notices', { send: 'no' })
  t.equal(off.headers.location, '/account/security')
  t.match((await browser.get('/account/security')).body, 'You get no mail about sign-ins any more.')
  await signIn(new Visitor(app, 'browser'))
  t.same(await told(), ['sign-in'])
  t.same((await browser.submit('/account/security/notices', { send: 'yes' }, json)).json(), { send: 'yes' })
  await signIn(new Visitor(app, 'browser'))
  t.same(await told(), ['sign-in', 'sign-in'])
})

t.test('where no mail is sent none is offered', async (t) => {
  const { browser } = await start(t, { MAIL_URL: 'off' })
  t.notMatch((await browser.get('/account/security')).body, 'Mail about sign-ins')
  t.equal((await browser.submit('/account/security/notices', { send: 'no' })).statusCode, 404)
})
