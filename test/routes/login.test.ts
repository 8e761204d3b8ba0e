import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { alice, build, databaseFile, registerAlice, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

t.test('signing in redirects a browser to the dashboard with a new cookie', async (t) => {
  const app = await build(t)
  await registerAlice(app)
  const browser = new Visitor(app, 'browser')

  const response = await browser.submit('/login', alice)

  t.equal(response.statusCode, 303)
  t.equal(response.headers.location, '/dashboard')
  t.match(response.cookies, [{ name: 'latchkey', httpOnly: true, sameSite: 'Lax', path: '/' }])
  t.notOk(response.cookies[0]?.expires, 'the cookie ends with the browser')
})

t.test('signing in returns to the wanted page, on this site only', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const to = async (next: string) => (await browser.submit('/login', { ...alice, next })).headers.location

  t.equal(await to('/dashboard?tab=2'), '/dashboard?tab=2')
  t.equal(await to('//evil.example'), '/dashboard')
  t.equal(await to('/%5Cevil.example'), '/dashboard')
})

t.test('a user who is signed in already is redirected at once', async (t) => {
  const browser = await registerAlice(await build(t))
  t.equal((await browser.get('/login?next=%2Freports')).headers.location, '/reports')
  t.equal((await browser.get('/login')).headers.location, '/dashboard')
})

t.test('the form carries the wanted page', async (t) => {
  const app = await build(t)
  const browser = new Visitor(app, 'browser')
  t.match((await browser.get('/login?next=%2Freports')).body, 'name="next" value="/reports"')
  t.match((await browser.get('/login?next=https:evil')).body, 'name="next" value="/dashboard"')
  t.match((await browser.get('/login?next=/a&next=/b')).body, 'name="next" value="/dashboard"')
})

t.test(
  'after a wrong password the name stays, the password has the focus, and one sentence covers both',
  async (t) => {
    const app = await build(t)
    await registerAlice(app)
    const browser = new Visitor(app, 'browser')

    const wrong = await browser.submit('/login', { ...alice, password: 'nope', remember: 'on' })
    const unknown = await browser.submit('/login', { ...alice, username: 'nobody', remember: 'on' })

    t.equal(wrong.statusCode, 401)
    t.match(wrong.body, /name="username" value="alice"/)
    t.match(wrong.body, /type="password"[^>]* autofocus/)
    t.match(wrong.body, 'That name and password do not match.')
    t.match(wrong.body, /name="remember" checked/)
    t.equal(unknown.statusCode, 401)
    const challenge = /&quot;challenge&quot;:&quot;[\w-]+/
    const asked = challenge.exec(unknown.body)?.[0] ?? ''
    t.equal(unknown.body, wrong.body.replace('value="alice"', 'value="nobody"').replace(challenge, asked))
    t.same(wrong.cookies, [])
  }
)

t.test('a program can sign in with JSON', async (t) => {
  const app = await build(t)
  await registerAlice(app)
  const program = new Visitor(app, 'program')

  const response = await program.post('/login', { ...alice, username: 'ALICE' })

  t.equal(response.statusCode, 200)
  t.same(response.json(), { user: 'alice' })
  t.same((await program.get('/login')).json(), { user: 'alice' })
})

t.test('a program with a wrong password gets problem+json', async (t) => {
  const app = await build(t)
  const response = await new Visitor(app, 'program').post('/login', alice)

  t.equal(response.statusCode, 401)
  t.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8')
  t.match(response.json(), { type: 'about:blank', status: 401, code: 'LATCHKEY_WRONG_CREDENTIALS' })
})

t.test('a signed-in user is redirected to the dashboard', async (t) => {
  const browser = await registerAlice(await build(t))
  const response = await browser.get('/login')
  t.equal(response.statusCode, 303)
  t.equal(response.headers.location, '/dashboard')
})

t.test('with “stay signed in” the cookie lasts 30 days', async (t) => {
  const app = await build(t)
  await registerAlice(app)
  const before = Date.now()
  const { cookies } = await new Visitor(app, 'browser').submit('/login', { ...alice, remember: 'on' })
  const after = Date.now()
  const [month, end] = [30 * 86_400_000, Number(cookies[0]?.expires)]
  t.ok(end > before + month - 1000 && end <= after + month, `${cookies[0]?.expires}`)
})

t.test('input that the page repeats is escaped', async (t) => {
  const app = await build(t)
  const browser = new Visitor(app, 'browser')
  const { body } = await browser.submit('/login', { username: '"><script>', password: 'x', next: '/"><b>' })
  t.notMatch(body, '<script>')
  t.notMatch(body, '<b>')
})

t.test('the link to register is shown only while registering is possible', async (t) => {
  const app = await build(t)
  const browser = new Visitor(app, 'browser')
  t.match((await browser.get('/login')).body, 'href="/register"')
  await registerAlice(app)
  t.notMatch((await browser.get('/login')).body, 'href="/register"')
})

t.test('while the session store is away the form is shown, even with a cookie', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret } })
  const browser = await registerAlice(app)
  await redis.stop()

  const page = await browser.get('/login?next=%2Freports')
  t.equal(page.statusCode, 200)
  t.match(page.body, 'name="next" value="/reports"')
  t.notOk(page.headers['set-cookie'], 'the cookie stays')
  const program = new Visitor(app, 'program')
  program.cookies = browser.cookies
  const answer = await program.get('/login')
  t.equal(answer.statusCode, 503, 'a program is never told that a signed-in user is signed out')
  t.notOk(answer.headers['set-cookie'])
})

t.test('any other error is an error page, not the form', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const database = new DatabaseSync(databaseFile(app))
  database.exec("UPDATE sessions SET record = 'no JSON'")
  database.close()
  t.equal((await browser.get('/login')).statusCode, 500)
})
