import t from 'tap'
import { alice, build, countSessions, registerAlice, Visitor } from '../../build.ts'

t.test('an account is deleted after a question, and its sessions end', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const elsewhere = new Visitor(app, 'browser')
  await elsewhere.submit('/login', { ...alice, remember: 'on' })
  t.match((await browser.get('/account/remove')).body, 'The account alice will be deleted')
  t.equal((await app.latchkey.accounts.list()).length, 1, 'looking changes nothing')

  const { statusCode, body, cookies } = await browser.submit('/account/remove')

  t.equal(statusCode, 200)
  t.match(body, 'Your account has been deleted')
  t.notMatch(body, 'action="/logout"')
  t.match(cookies, [{ name: 'latchkey', value: '', maxAge: 0 }])
  t.same(await app.latchkey.accounts.list(), [])
  t.equal(countSessions(app), 0)
  t.equal((await elsewhere.get('/dashboard')).statusCode, 303)
  t.equal((await browser.submit('/login', alice)).statusCode, 401)
  const trail = await app.latchkey.audit.list({ name: 'alice' }, 10)
  t.ok(trail.some(({ event }) => event === 'account-remove'))
})

t.test('deleting needs a recent re-authentication', async (t) => {
  let time = Date.now()
  const app = await build(t, { now: () => time })
  const browser = await registerAlice(app)
  time += 11 * 60_000
  t.equal((await browser.get('/account/remove')).headers.location, '/confirm?next=%2Faccount%2Fremove')
  t.equal((await browser.submit('/account/remove')).headers.location, '/confirm?next=%2Faccount%2Fremove')
  t.equal((await app.latchkey.accounts.list()).length, 1)
})

t.test('programs can delete an account too', async (t) => {
  const app = await build(t)
  const program = await registerAlice(app, 'program')
  t.same((await program.get('/account/remove')).json(), { user: 'alice' })
  t.same((await program.post('/account/remove')).json(), { removed: 'alice' })
  t.equal((await program.get('/account')).statusCode, 401)
})

t.test('the owner of the only account is told how the first one is created again', async (t) => {
  const warning = 'It is the only account'
  const app = await build(t)
  const browser = await registerAlice(app)
  t.match((await browser.get('/account/remove')).body, warning)
  await app.latchkey.accounts.add({ ...alice, username: 'bob' })
  t.notMatch((await browser.get('/account/remove')).body, warning)
  const closed = await registerAlice(await build(t, { env: { REGISTRATION: 'open' } }))
  t.notMatch((await closed.get('/account/remove')).body, warning)
})

t.test('the last administrator is not deleted', async (t) => {
  const app = await build(t)
  const { accounts } = app.latchkey
  await accounts.add(alice, 'admin')
  await accounts.add({ ...alice, username: 'bob' }, 'admin')
  await accounts.disable('bob')
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  const refused = await browser.submit('/account/remove')
  t.equal(refused.statusCode, 409)
  t.match(refused.body, 'This is the last administrator')
  t.equal((await browser.get('/account')).statusCode, 200, 'the session goes on')
  await accounts.enable('bob')
  t.equal((await browser.submit('/account/remove')).statusCode, 200)
})
