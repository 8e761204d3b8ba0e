import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, databaseFile, log, Visitor } from '../build.ts'
import { withoutChallenges } from '../without-challenges.ts'

const wrong = { ...alice, password: 'not her password' }

async function open(t: Test) {
  let time = Date.now()
  const app = await build(t, { now: () => time })
  await app.latchkey.accounts.add(alice)
  const pass = (seconds: number) => {
    time += seconds * 1000
  }
  return { app, pass }
}

t.test('after five wrong attempts the form is shown again with the time to wait', async (t) => {
  const { app, pass } = await open(t)
  const browser = new Visitor(app, 'browser')
  for (let tries = 0; tries < 5; tries += 1) t.equal((await browser.submit('/login', wrong)).statusCode, 401)

  const held = await browser.submit('/login', { ...alice, next: '/reports', remember: 'on' })
  t.equal(held.statusCode, 429)
  t.equal(held.headers['retry-after'], '30')
  t.match(held.body, 'There were too many attempts. Try again in 30 seconds.')
  t.match(held.body, 'name="next" value="/reports"')
  t.match(held.body, /name="username" value="alice"/)
  t.same(held.cookies, [])

  pass(30)
  await browser.submit('/login', wrong)
  pass(59)
  t.match((await browser.submit('/login', alice)).body, 'Try again in 1 second.')
  pass(1)
  t.equal((await browser.submit('/login', alice)).statusCode, 303)
})

t.test('long waits are given in minutes, in the reader’s language', async (t) => {
  const { app, pass } = await open(t)
  const browser = new Visitor(app, 'browser')
  for (let tries = 0; tries < 7; tries += 1) {
    await browser.submit('/login', wrong)
    if (tries > 3) pass(tries === 4 ? 30 : tries === 5 ? 60 : 0)
  }
  const headers = { 'accept-language': 'de' }
  t.match((await browser.submit('/login', alice)).body, 'Try again in 2 minutes.')
  t.match((await browser.submit('/login', alice, { headers })).body, 'in 2 Minuten noch einmal')
})

t.test('a program gets problem+json', async (t) => {
  const { app } = await open(t)
  const program = new Visitor(app, 'program')
  for (let tries = 0; tries < 5; tries += 1) await program.post('/login', wrong)
  const held = await program.post('/login', alice)
  t.equal(held.headers['content-type'], 'application/problem+json; charset=utf-8')
  t.equal(held.headers['retry-after'], '30')
  t.match(held.json(), { status: 429, code: 'LATCHKEY_THROTTLED', detail: /Try again in 30 seconds/ })
})

t.test('an unknown name is throttled identically, to the byte', async (t) => {
  const { app } = await open(t)
  const answers = await Promise.all(
    ['alice', 'carol'].map(async (username, index) => {
      const seen: object[] = []
      for (let tries = 0; tries < 7; tries += 1) {
        const { statusCode, headers, body } = await app.inject({
          method: 'POST',
          url: '/login',
          remoteAddress: `192.0.2.${index}`,
          headers: { accept: 'text/html' },
          payload: { username, password: 'not the password' }
        })
        const { date, ...same } = headers
        seen.push({
          statusCode,
          headers: same,
          body: withoutChallenges(body).replaceAll(username, 'somebody')
        })
      }
      return seen
    })
  )
  t.same(answers[0], answers[1])
  t.match(answers[0]?.at(-1), { statusCode: 429 })
})

t.test('all spellings of a name and of an address count together', async (t) => {
  const { app } = await open(t)
  const statuses: number[] = []
  const spellings = ['alice', 'ALICE', 'ａlice', 'alice ', 'Alice', 'aLICE']
  for (const [index, username] of spellings.entries()) {
    const remoteAddress = index % 2 ? '192.0.2.7' : '::ffff:192.0.2.7'
    const payload = { username, password: 'not the password' }
    statuses.push((await app.inject({ method: 'POST', url: '/login', remoteAddress, payload })).statusCode)
  }
  t.same(statuses, [401, 401, 401, 401, 401, 429])
})

t.test('re-authentication is throttled too, but not by strangers’ attempts', async (t) => {
  const { app, pass } = await open(t)
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  delete browser.cookies['latchkey-browser']
  const stranger = new Visitor(app, 'browser')
  for (let tries = 0; tries < 20; tries += 1) await stranger.submit('/login', wrong)

  for (let tries = 0; tries < 5; tries += 1)
    t.equal((await browser.submit('/confirm', { password: 'wrong' })).statusCode, 401)
  const held = await browser.submit('/confirm', { password: alice.password })
  t.equal(held.statusCode, 429)
  t.equal(held.headers['retry-after'], '30')
  t.match(held.body, 'Try again in 30 seconds')
  pass(30)
  t.equal((await browser.submit('/confirm', { password: alice.password })).statusCode, 303)
})

t.test('refused attempts are in the audit trail, with the name only if the account exists', async (t) => {
  const { app } = await open(t)
  const visitor = new Visitor(app, 'program')
  for (let tries = 0; tries < 7; tries += 1) await visitor.post('/login', wrong)
  await app.inject({
    method: 'POST',
    url: '/login',
    remoteAddress: '192.0.2.9',
    payload: { username: 'my password by mistake', password: 'alice' }
  })
  const trail = await app.latchkey.audit.list(undefined, 20)
  const count = (event: string, name?: string) =>
    trail.filter((entry) => entry.event === event && entry.name === name).length
  t.equal(count('sign-in-refused', 'alice'), 5)
  t.equal(count('sign-in-throttled', 'alice'), 1, 'once a minute is enough')
  t.equal(count('sign-in-refused'), 1)
  t.notMatch(JSON.stringify(trail), 'my password by mistake')
})

t.test('a password with a removed pepper is logged for each attempt that is checked', async (t) => {
  const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
  const [older, newer] = ['a'.repeat(32), 'b'.repeat(32)]
  const before = await build(t, { env: { DATABASE_URL, PASSWORD_PEPPERS: older } })
  await before.latchkey.accounts.add(alice)
  await before.close()

  const after = await build(t, { env: { DATABASE_URL, PASSWORD_PEPPERS: newer } })
  await after.latchkey.accounts.add({ ...alice, username: 'bob' })
  const begun = log.lines.length
  const bob = new Visitor(after, 'program')
  t.equal((await bob.post('/login', { ...wrong, username: 'bob' })).statusCode, 401)
  const statuses: number[] = []
  for (let tries = 0; tries < 7; tries += 1)
    statuses.push((await new Visitor(after, 'program').post('/login', alice)).statusCode)
  t.same(statuses, [401, 401, 401, 401, 401, 429, 429])
  const told = log.lines.slice(begun).filter((line) => line.includes('pepper'))
  t.match(JSON.parse(told[0] ?? ''), {
    level: 50,
    msg: 'The password of alice has a pepper that is not in PASSWORD_PEPPERS.'
  })
  t.equal(told.length, 5, 'throttled attempts log nothing, and neither does bob')
})

t.test('a confirmed address is as good as the name: attempts with both count together', async (t) => {
  const { app, pass } = await open(t)
  const { addresses } = app[services]
  const { id } = await accountOf(app)
  const mail = 'Alice@example.org'
  await addresses.set(id, mail, {})
  const { password } = alice
  const browser = new Visitor(app, 'browser')
  t.equal((await browser.submit('/login', { username: ' alice@EXAMPLE.org', password })).statusCode, 303)
  const program = new Visitor(app, 'program')
  t.same((await program.post('/login', { username: mail, password })).json(), { user: 'alice' })

  const attacker = new Visitor(app, 'program')
  for (const username of ['alice', mail, 'ALICE', 'alice@example.org', 'alice'])
    t.equal((await attacker.post('/login', { ...wrong, username })).statusCode, 401)
  t.equal((await attacker.post('/login', { ...wrong, username: mail })).statusCode, 429)
  t.equal((await attacker.post('/login', alice)).statusCode, 429)
  t.equal((await browser.submit('/logout')).statusCode, 303)
  const known = { username: mail, password: 'mistyped' }
  t.equal((await browser.submit('/login', known)).statusCode, 401, 'her browser is known by the address too')
  t.equal((await browser.submit('/login', { username: mail, password })).statusCode, 303)
  pass(24 * 60 * 60)
  await addresses.set(id, undefined, {})
  t.equal((await program.post('/login', { username: mail, password })).statusCode, 401)
})

t.test('the name of an account comes before the address of another', async (t) => {
  const { app } = await open(t)
  const { accounts } = app[services]
  const squatter = { username: 'bob@example.org', password: 'another good password' }
  await accounts.add({ ...squatter, username: 'squatter' })
  await accounts.add({ ...alice, username: 'bob' })
  // As it can be after a copy of the database is back.
  const database = new DatabaseSync(databaseFile(app))
  const address = 'bob@example.org'
  database.prepare("UPDATE accounts SET email = ?, email_key = ? WHERE key = 'bob'").run(address, address)
  database.prepare("UPDATE accounts SET name = ?, key = ? WHERE key = 'squatter'").run(address, address)
  database.close()
  const program = new Visitor(app, 'program')
  t.same((await program.post('/login', squatter)).json(), { user: 'bob@example.org' })
  t.equal((await program.post('/login', { ...alice, username: 'bob@example.org' })).statusCode, 401)
})
