import t from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'

t.test('the first account is created and signed in at once', async (t) => {
  const browser = new Visitor(await build(t), 'browser')
  t.match((await browser.get('/register')).body, 'will be the administrator’s')
  const response = await browser.submit('/register', alice)

  t.equal(response.statusCode, 303)
  t.equal(response.headers.location, '/dashboard')
  t.match((await browser.get('/dashboard')).body, 'alice')
})

t.test('a program can register with JSON', async (t) => {
  const program = new Visitor(await build(t), 'program')
  t.same((await program.get('/register')).json(), { passwordMinLength: 15 })
  const response = await program.post('/register', alice)
  t.equal(response.statusCode, 201)
  t.same(response.json(), { user: 'alice' })
})

t.test('the first account is its owner’s: elsewhere only the code of the start makes it', async (t) => {
  const env = { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback', SESSION_SECRET: secret }
  const app = await build(t, { env })
  const { firstAccount, accounts } = app[services]
  const https = { headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' } }
  const code = await firstAccount.code()
  t.equal(await firstAccount.code(), code, 'the same until it is used')
  const browser = new Visitor(app, 'browser')
  const program = new Visitor(app, 'program')
  t.match((await browser.get('/', https)).body, 'open the link to the first account')
  t.notMatch((await browser.get('/login', https)).body, 'href="/register')
  for (const wrong of ['', 'x', `${code}x`, 'x'.repeat(22), code.toLowerCase()]) {
    const page = await browser.get(`/register?code=${wrong}`, https)
    t.equal(page.statusCode, 403)
    t.match(page.body, 'open the link to the first account that it printed')
    const refused = await program.post('/register', { ...alice, code: wrong }, https)
    t.match(refused.json(), { status: 403, code: 'LATCHKEY_FIRST_ACCOUNT_CODE' }, wrong)
  }
  t.equal(await accounts.isEmpty(), true)
  t.match((await browser.get(`/register?code=${code}`, https)).body, `name="code" value="${code}"`)
  const short = await browser.submit('/register', { ...alice, password: 'short', code }, https)
  t.match(short.body, `name="code" value="${code}"`, 'a refused password costs no link')
  t.equal((await browser.submit('/register', { ...alice, code }, https)).statusCode, 303)
  t.match(await app.latchkey.accounts.find('alice'), { role: 'admin' })
  const again = await program.post('/register', { ...alice, username: 'bob', code }, https)
  t.match(again.json(), { code: 'LATCHKEY_REGISTRATION_CLOSED' })
  await accounts.remove('alice', { force: true })
  t.equal(await firstAccount.isRight(code), false, 'it counted once')
  t.not(await firstAccount.code(), code)
})

t.test('at this machine the page needs no code, unless a proxy passes on what others send', async (t) => {
  const app = await build(t)
  const browser = new Visitor(app, 'browser')
  t.equal((await browser.get('/register')).statusCode, 200)
  const code = 'LATCHKEY_FIRST_ACCOUNT_CODE'
  for (const headers of [
    { 'x-forwarded-for': '192.0.2.1' },
    { forwarded: 'for=192.0.2.1' },
    { via: '1.1 proxy' },
    { host: 'login.example.org' }
  ]) {
    const answer = await new Visitor(app, 'program').post('/register', alice, { headers })
    t.match(answer.json(), { code }, JSON.stringify(headers))
  }
  const strange = await app.inject({
    method: 'POST',
    url: '/register',
    payload: alice,
    remoteAddress: '192.0.2.1'
  })
  t.match(strange.json(), { code })
  t.equal((await browser.submit('/register', alice)).statusCode, 303)
  t.match(await app.latchkey.accounts.find('alice'), { role: 'admin' })
})

t.test('after the first account nobody can register', async (t) => {
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

t.test('only one of two concurrent first accounts is created', async (t) => {
  const app = await build(t)
  const tries = ['alice', 'bob'].map((username) =>
    new Visitor(app, 'program').post('/register', { ...alice, username })
  )
  const statuses = (await Promise.all(tries)).map((response) => response.statusCode)
  t.same(statuses.sort(), [201, 403])
  t.equal((await app.latchkey.accounts.list()).length, 1)
})

t.test('a taken name is refused in any spelling, with the name field in focus', async (t) => {
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

t.test('an easy password is refused with the reason and a suggestion', async (t) => {
  const env = { PUBLIC_URL: 'http://login.example.org', REGISTRATION: 'open' }
  for (const password of ['passwordpassword', 'alice1234567890', 'login.example.org']) {
    const app = await build(t, { env })
    const page = await new Visitor(app, 'browser').submit('/register', { username: 'alice', password })
    t.equal(page.statusCode, 400)
    t.match(
      page.body,
      /That password is little more than .+, which attackers try first. Use three or more words/
    )
    t.match(page.body, /type="password"[^>]*aria-describedby="error password-hint" autofocus/)
    t.notMatch(page.body, `"${password}"`, 'it is not sent back')
    const problem = await new Visitor(app, 'program').post('/register', { username: 'alice', password })
    t.match(problem.json(), { status: 400, code: 'LATCHKEY_BAD_INPUT', detail: 'which attackers try first' })
    t.equal(await app.latchkey.accounts.isEmpty(), true)
  }
})

t.test('the minimum password length is shown and applied', async (t) => {
  const browser = new Visitor(await build(t, { env: { PASSWORD_MIN_LENGTH: '8' } }), 'browser')
  t.match((await browser.get('/register')).body, '8 characters or more')
  t.equal((await browser.submit('/register', { username: 'alice', password: 'kx7$mq2z' })).statusCode, 303)
})

t.test('if registration is closed not even a first account can be created', async (t) => {
  const browser = new Visitor(await build(t, { env: { REGISTRATION: 'closed' } }), 'browser')
  t.equal((await browser.submit('/register', alice)).statusCode, 403)
})

t.test('a signed-in user is redirected from the form', async (t) => {
  const browser = await registerAlice(await build(t))
  t.equal((await browser.get('/register')).headers.location, '/dashboard')
})

t.test('trying many names is throttled before anything is hashed', async (t) => {
  let time = Date.now()
  const app = await build(t, { env: { REGISTRATION: 'open', METRICS_TOKEN: secret }, now: () => time })
  await app.latchkey.accounts.add(alice)
  const hashed = await hashesDuring(app, async () => {
    const ask = (username: string) => new Visitor(app, 'program').post('/register', { ...alice, username })
    for (let asked = 0; asked < 5; asked += 1) {
      t.equal((await ask('alice')).statusCode, 409)
      t.equal((await ask(`person-${asked}`)).statusCode, 201, 'success reveals that a name was free')
    }
    const held = await ask('alice')
    t.equal(held.headers['content-type'], 'application/problem+json; charset=utf-8')
    t.equal(held.headers['retry-after'], '30')
    t.match(held.json(), { status: 429, code: 'LATCHKEY_THROTTLED', detail: /your network.* in 30 seconds/ })
    t.same((await ask('nobody')).json(), held.json(), 'the response does not reveal whether the name exists')
  })
  t.equal(hashed, 10)

  const browser = new Visitor(app, 'browser')
  const page = await browser.submit('/register', { ...alice, username: 'nobody' })
  t.equal(page.statusCode, 429)
  t.equal(page.headers['retry-after'], '30')
  t.match(page.body, 'Too many names were tried from your network. Try again in 30 seconds.')
  t.match(page.body, /name="username" value="nobody"[^>]*autofocus/)
  t.notMatch(page.body, alice.password)
  t.same(page.cookies, [])
  t.equal((await browser.submit('/login', alice)).statusCode, 303, 'signing in is counted separately')
  const headers = { 'accept-language': 'de' }
  const german = await new Visitor(app, 'browser').submit('/register', alice, { headers })
  t.match(german.body, 'Aus Ihrem Netz wurden zu viele Namen versucht.')

  time += 30_000
  t.equal(
    (await new Visitor(app, 'browser').submit('/register', { ...alice, username: 'bob' })).statusCode,
    303
  )
})

t.test('ten of many concurrent attempts are answered', async (t) => {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  await app.latchkey.accounts.add(alice)
  const ask = (remoteAddress: string) =>
    app.inject({ method: 'POST', url: '/register', remoteAddress, payload: alice })
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => ask(`2001:db8:0:7::${n}`)))
  const count = (status: number) => answers.filter(({ statusCode }) => statusCode === status).length
  t.same([count(409), count(429)], [10, 30], 'a whole /64 of IPv6 counts as one address')
  t.equal((await ask('192.0.2.7')).statusCode, 409, 'other addresses are not throttled')
})

t.test('malformed input reveals no name and is not counted', async (t) => {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  const browser = new Visitor(app, 'browser')
  for (let tries = 0; tries < 12; tries += 1)
    t.equal((await browser.submit('/register', { ...alice, password: 'too short' })).statusCode, 400)
  t.equal((await browser.submit('/register', alice)).statusCode, 303)
})

/** How many new passwords are hashed meanwhile, from the metrics. */
async function hashesDuring(app: Awaited<ReturnType<typeof build>>, step: () => Promise<void>) {
  const count = async () => {
    const text = (await app[services].metrics?.text()) ?? ''
    return Number(/^latchkey_password_seconds_count\{operation="hash",outcome="ok"\} (\d+)$/m.exec(text)?.[1])
  }
  const before = await count()
  await step()
  return (await count()) - before
}

t.test('whoever is sent to sign in and registers comes back to the page', async (t) => {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  const browser = new Visitor(app, 'browser')
  const { body } = await browser.get('/login?next=%2Faccount%3Fpage%3D2')
  t.match(body, 'href="/register?next=%2Faccount%3Fpage%3D2"')
  const form = (await browser.get('/register?next=%2Faccount%3Fpage%3D2')).body
  t.match(form, 'name="next" value="/account?page=2"')
  t.match(form, 'href="/login?next=%2Faccount%3Fpage%3D2"')
  const refused = await browser.submit('/register', {
    username: 'alice',
    password: 'short',
    next: '/account'
  })
  t.match(refused.body, 'name="next" value="/account"')
  const { headers } = await browser.submit('/register', { ...alice, next: '/account?page=2' })
  t.equal(headers.location, '/account?page=2')
  t.equal((await browser.get('/register?next=%2Faccount')).headers.location, '/account', 'signed in already')
})

t.test('registering leads to no other site', async (t) => {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  for (const [index, next] of ['//evil.example', 'https://evil.example', '/\\evil.example'].entries()) {
    const bob = { ...alice, username: `bob${index}`, next }
    t.equal((await new Visitor(app, 'browser').submit('/register', bob)).headers.location, '/dashboard', next)
  }
})
