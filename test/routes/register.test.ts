import t from 'tap'
import { alice, build, registerAlice, Visitor } from '../build.ts'

t.test('the first account is made and signed in at once', async (t) => {
  const browser = new Visitor(await build(t), 'browser')
  const response = await browser.submit('/register', alice)

  t.equal(response.statusCode, 303)
  t.equal(response.headers.location, '/dashboard')
  t.match((await browser.get('/dashboard')).body, 'alice')
})

t.test('a program registers with JSON', async (t) => {
  const program = new Visitor(await build(t), 'program')
  t.same((await program.get('/register')).json(), { passwordMinLength: 15 })
  const response = await program.post('/register', alice)
  t.equal(response.statusCode, 201)
  t.same(response.json(), { user: 'alice' })
})

t.test('after the first account nobody registers', async (t) => {
  const app = await build(t)
  await registerAlice(app)
  const browser = new Visitor(app, 'browser')
  const program = new Visitor(app, 'program')

  t.equal((await browser.get('/register')).statusCode, 403)
  t.equal((await browser.submit('/register', { ...alice, username: 'bob' })).statusCode, 403)
  const response = await program.post('/register', { ...alice, username: 'bob' })
  t.match(response.json(), { status: 403, code: 'LATCHKEY_REGISTRATION_CLOSED' })
  t.equal((await app.latchkey.accounts.list()).length, 1)
})

t.test('two first accounts at once: one is made', async (t) => {
  const app = await build(t)
  const tries = ['alice', 'bob'].map((username) =>
    new Visitor(app, 'program').post('/register', { ...alice, username })
  )
  const statuses = (await Promise.all(tries)).map((response) => response.statusCode)
  t.same(statuses.sort(), [201, 403])
  t.equal((await app.latchkey.accounts.list()).length, 1)
})

t.test('a taken name, in whatever spelling, is refused with the name field in focus', async (t) => {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  await registerAlice(app)
  const browser = new Visitor(app, 'browser')
  const response = await browser.submit('/register', { ...alice, username: 'Alice' })

  t.equal(response.statusCode, 409)
  t.match(response.body, 'That name is taken')
  t.match(response.body, /name="username" value="Alice"[^>]*aria-invalid="true"[^>]*autofocus/)
  t.match((await new Visitor(app, 'program').post('/register', alice)).json(), {
    code: 'LATCHKEY_NAME_TAKEN'
  })
})

t.test(
  'a short password is refused with the rule, the name kept and the password field in focus',
  async (t) => {
    const browser = new Visitor(await build(t), 'browser')
    const response = await browser.submit('/register', { username: 'alice', password: 'too short' })

    t.equal(response.statusCode, 400)
    t.match(response.body, 'That password has 9 characters, it needs 15 or more.')
    t.match(response.body, /name="username" value="alice"/)
    t.match(response.body, /type="password"[^>]*aria-describedby="error password-hint" autofocus/)
  }
)

t.test('a password that is tried first is refused with the reason and a better idea', async (t) => {
  const env = { PUBLIC_URL: 'http://login.example.org' }
  for (const password of ['passwordpassword', 'alice1234567890', 'login.example.org']) {
    const app = await build(t, { env })
    const page = await new Visitor(app, 'browser').submit('/register', { username: 'alice', password })
    t.equal(page.statusCode, 400)
    t.match(
      page.body,
      /That password is little more than .+, and that is tried first. Use three or more words/
    )
    t.match(page.body, /type="password"[^>]*aria-describedby="error password-hint" autofocus/)
    t.notMatch(page.body, `"${password}"`, 'it is not sent back')
    const problem = await new Visitor(app, 'program').post('/register', { username: 'alice', password })
    t.match(problem.json(), { status: 400, code: 'LATCHKEY_BAD_INPUT', detail: 'is tried first' })
    t.equal(await app.latchkey.accounts.isEmpty(), true)
  }
})

t.test('the setting for the shortest password is shown and obeyed', async (t) => {
  const browser = new Visitor(await build(t, { env: { PASSWORD_MIN_LENGTH: '8' } }), 'browser')
  t.match((await browser.get('/register')).body, '8 characters or more')
  t.equal((await browser.submit('/register', { username: 'alice', password: 'kx7$mq2z' })).statusCode, 303)
})

t.test('where registration is closed there is not even a first account', async (t) => {
  const browser = new Visitor(await build(t, { env: { REGISTRATION: 'closed' } }), 'browser')
  t.equal((await browser.submit('/register', alice)).statusCode, 403)
})

t.test('who is signed in has no need to register', async (t) => {
  const browser = await registerAlice(await build(t))
  t.equal((await browser.get('/register')).headers.location, '/dashboard')
})
