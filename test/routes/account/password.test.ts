import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, countSessions, registerAlice, Visitor } from '../../build.ts'

const changed = 'a wholly different phrase'
const form = { current: alice.password, password: changed }

t.test('the old password allows a new one, and the page reports what else that ended', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const elsewhere = [new Visitor(app, 'browser'), new Visitor(app, 'browser')]
  for (const visitor of elsewhere) await visitor.submit('/login', { ...alice, remember: 'on' })

  const answer = await browser.submit('/account/password', form)

  t.equal(answer.statusCode, 303)
  t.equal(answer.headers.location, '/account')
  t.match(
    (await browser.get('/account')).body,
    'Your password has been changed. 2 other sessions have been ended.'
  )
  t.notMatch((await browser.get('/account')).body, 'Your password has been changed', 'shown once')
  for (const visitor of elsewhere) t.equal((await visitor.get('/dashboard')).statusCode, 303)
  t.equal(countSessions(app), 1)
  const again = new Visitor(app, 'browser')
  t.equal((await again.submit('/login', alice)).statusCode, 401)
  t.equal((await again.submit('/login', { ...alice, password: changed })).statusCode, 303)
})

t.test('the session continues with a new id, and a copy of the old cookie is worthless', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const copy = new Visitor(app, 'browser')
  copy.cookies = { ...browser.cookies }
  await browser.submit('/account/password', form)
  t.not(browser.cookies.latchkey, copy.cookies.latchkey)
  t.equal((await browser.get('/dashboard')).statusCode, 200)
  t.equal((await copy.get('/dashboard')).statusCode, 303)
})

t.test('without the current password nothing changes', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const elsewhere = new Visitor(app, 'browser')
  await elsewhere.submit('/login', alice)

  const answer = await browser.submit('/account/password', { ...form, current: 'wrong' })

  t.equal(answer.statusCode, 401)
  t.match(answer.body, 'That is not your password.')
  t.match(answer.body, /id="current"[^>]*aria-invalid="true" aria-describedby="error" autofocus/)
  t.equal((await elsewhere.get('/dashboard')).statusCode, 200)
  t.equal((await new Visitor(app, 'browser').submit('/login', alice)).statusCode, 303)
})

t.test('a new password follows the same rules as a first one', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const answer = await browser.submit('/account/password', { ...form, password: 'short' })
  t.equal(answer.statusCode, 400)
  t.match(answer.body, 'That password has 5 characters, it needs 15 or more.')
  t.match(answer.body, /id="password"[^>]*aria-describedby="error password-hint" autofocus/)
  t.notMatch(answer.body, 'short', 'no password is sent back')
  t.equal((await new Visitor(app, 'browser').submit('/login', alice)).statusCode, 303)
})

t.test('programs can change the password too', async (t) => {
  const app = await build(t)
  const program = await registerAlice(app, 'program')
  t.match((await program.post('/account/password', { ...form, current: 'wrong' })).json(), {
    status: 401,
    code: 'LATCHKEY_WRONG_CREDENTIALS'
  })
  t.match((await program.post('/account/password', { ...form, password: 'short' })).json(), {
    status: 400,
    code: 'LATCHKEY_BAD_INPUT'
  })
  t.same((await program.post('/account/password', form)).json(), { user: 'alice', sessionsEnded: 0 })
  t.same((await program.get('/dashboard')).json(), { user: 'alice' })
})

t.test('a change of password is in the audit trail', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  await browser.submit('/account/password', form)
  const entries = await app.latchkey.audit.list((await accountOf(app)).id, 10)
  const change = entries.find(({ event }) => event === 'password-change')
  t.match(change, { name: 'alice', address: '127.0.0.1', by: undefined })
})

t.test('of two concurrent changes only one succeeds, and the other is told', async (t) => {
  const app = await build(t)
  const here = await registerAlice(app, 'program')
  const thief = new Visitor(app, 'program')
  await thief.post('/login', alice)
  const passwords = ['the first of two phrases', 'the other of two phrases']

  const answers = await Promise.all(
    [here, thief].map((visitor, n) => visitor.post('/account/password', { ...form, password: passwords[n] }))
  )

  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 401])
  const winner = answers.findIndex(({ statusCode }) => statusCode === 200)
  const attempts = passwords.map((password) => app[services].accounts.verify({ ...alice, password }))
  t.same(
    (await Promise.all(attempts)).map(({ ok }) => ok),
    [winner === 0, winner === 1]
  )
  t.equal((await [thief, here][winner]?.get('/dashboard'))?.statusCode, 401, 'the other one is signed out')
  t.equal(countSessions(app), 1)
})

t.test('guessing the old password is throttled like signing in', async (t) => {
  const browser = await registerAlice(await build(t))
  const guess = () => browser.submit('/account/password', { ...form, current: 'wrong' })
  let answer = await guess()
  for (let n = 0; n < 100 && answer.statusCode === 401; n++) answer = await guess()
  t.equal(answer.statusCode, 429)
  t.match(answer.headers['retry-after'], /^\d+$/)
  t.match(answer.body, /id="current"[^>]*aria-invalid="true"/)
  t.equal((await browser.get('/dashboard')).statusCode, 200, 'the user stays signed in')
})

t.test(
  'a change that is answered as refused changed nothing, whatever happens to the session meanwhile',
  async (t) => {
    const app = await build(t, { env: { REGISTRATION: 'open' } })
    const beside: Record<string, (visitor: Visitor) => Promise<unknown>> = {
      'signing out': (visitor) => visitor.post('/logout'),
      confirming: (visitor) => visitor.post('/confirm', { password: alice.password })
    }
    const works = async (username: string, password: string) =>
      (await new Visitor(app, 'program').post('/login', { username, password })).statusCode === 200

    for (const [what, act] of Object.entries(beside)) {
      const username = `alice-${what}`.replace(' ', '-')
      await app.latchkey.accounts.add({ ...alice, username })
      const visitor = new Visitor(app, 'program')
      await visitor.post('/login', { ...alice, username })
      const copy = new Visitor(app, 'program')
      copy.cookies = { ...visitor.cookies }

      const [answer] = await Promise.all([visitor.post('/account/password', form), act(copy)])

      const isChanged = answer.statusCode === 200
      t.equal(await works(username, changed), isChanged, `beside ${what}: ${answer.statusCode}`)
      t.equal(await works(username, alice.password), !isChanged)
    }
  }
)
