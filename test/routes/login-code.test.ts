import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import latchkey from '../../src/index.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, countSessions, registerAlice, secret, Visitor } from '../build.ts'
import { setUpCodes, signInWithCode, TestClock } from '../second-factors.ts'
import { startRedis } from '../servers/redis.ts'

const minute = 60_000
const bob = { username: 'bob', password: 'another long password' }

/** A service in which alice has set codes up. */
async function open(t: Parameters<typeof build>[0], env = {}) {
  const clock = new TestClock()
  const app = await build(t, {
    env: { REGISTRATION: 'open', ...env },
    now: clock.now,
    routes: (app: FastifyInstance) => {
      app.get('/two', (request) => request.requireUser({ factors: 2 }))
    }
  })
  await registerAlice(app)
  return { app, clock, app2fa: await setUpCodes(app, clock) }
}

t.test('after the password a browser is asked for a code, and comes to where it wanted', async (t) => {
  const { app, clock, app2fa } = await open(t)
  const browser = new Visitor(app, 'browser')
  const sent = await browser.submit('/login', { ...alice, remember: 'on', next: '/two?a=1' })
  t.equal(sent.headers.location, '/login/code')
  t.same(
    sent.cookies.map(({ name, maxAge, httpOnly, sameSite, path }) => ({
      name,
      maxAge,
      httpOnly,
      sameSite,
      path
    })),
    [{ name: 'latchkey-pending', maxAge: undefined, httpOnly: true, sameSite: 'Lax', path: '/' }]
  )
  t.equal(countSessions(app), 0, 'nothing is stored')
  const { id } = await accountOf(app)
  const [latest] = await app.latchkey.audit.list(id, 1)
  t.match(latest, { event: 'second-factor-asked', name: 'alice', address: '127.0.0.1', session: undefined })
  const page = await browser.get('/login/code')
  t.match(page.body, 'autocomplete="one-time-code"')
  t.match(page.body, 'You are signing in as alice.')

  const wrong = await browser.submit('/login/code', { code: '000000' })
  t.equal(wrong.statusCode, 401)
  t.match(wrong.body, 'That code does not work.')
  const code = app2fa.code()
  const right = await browser.submit('/login/code', { code: `${code.slice(0, 3)} ${code.slice(3)}` })
  t.equal(right.headers.location, '/two?a=1')
  t.ok(right.cookies.find(({ name }) => name === 'latchkey')?.expires, 'still remembered')
  t.notOk('latchkey-pending' in browser.cookies)
  t.equal((await browser.get('/two')).statusCode, 200)
  clock.pass(25 * 60 * minute)
  t.equal((await browser.get('/dashboard')).statusCode, 200, 'a remembered session stays')
  t.match((await browser.get('/two')).headers.location, '/confirm?next=%2Ftwo&factors=2', 'with one factor')
})

t.test('a code and a recovery code count once each', async (t) => {
  const { app, app2fa } = await open(t)
  const code = app2fa.code()
  const first = new Visitor(app, 'program')
  t.same((await first.post('/login', { ...alice, code })).json(), { user: 'alice' })
  const again = await new Visitor(app, 'program').post('/login', { ...alice, code })
  t.match(again.json(), { status: 401, code: 'LATCHKEY_WRONG_CODE' })
  const events = await app.latchkey.audit.list((await accountOf(app)).id, 50)
  t.notOk(
    events.some(({ event }) => event === 'second-factor-asked'),
    'nobody had to be asked'
  )

  const [recovery = ''] = app2fa.recoveryCodes
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', { ...alice, next: '/two' })
  const page = await browser.submit('/login/code', { code: recovery.toLowerCase() })
  t.equal(page.statusCode, 200)
  const [replacement = ''] = /(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}/.exec(page.body) ?? []
  t.match(page.body, 'href="/two"')
  t.equal((await browser.get('/two')).statusCode, 200, 'a recovery code is a second factor')
  const program = new Visitor(app, 'program')
  t.match((await program.post('/login', { ...alice, code: recovery })).json(), {
    code: 'LATCHKEY_WRONG_CODE'
  })
  const replaced = await program.post('/login', { ...alice, code: replacement })
  t.match(replaced.json(), { user: 'alice', recoveryCode: /^[0-9A-Z-]{29}$/ })
  const [, second = ''] = app2fa.recoveryCodes
  const own = await new Visitor(app, 'browser').submit('/login', { ...alice, code: second, next: '/two' })
  t.match(own.body, /<code>(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}</, 'by a form of an app too')
  t.match(own.body, 'href="/two"')
})

t.test('a program is told what is missing, and sends it in a second request', async (t) => {
  const { app, app2fa } = await open(t)
  const program = new Visitor(app, 'program')
  const refused = await program.post('/login', alice)
  t.match(refused.json(), {
    status: 401,
    code: 'LATCHKEY_SECOND_FACTOR_REQUIRED',
    methods: ['totp', 'recovery']
  })
  t.same((await program.get('/login/code')).json(), { methods: ['totp', 'recovery'] })
  t.same((await program.post('/login/code', { code: app2fa.code() })).json(), { user: 'alice' })
  t.equal((await program.get('/two')).statusCode, 200)
})

for (const store of ['SQLite', 'Redis'])
  t.test(
    `a pending sign-in ends after ten minutes, and with any change of the account, over ${store} (case 7)`,
    async (t) => {
      const redis = store === 'Redis' ? { REDIS_URL: (await startRedis(t)).url, SESSION_SECRET: secret } : {}
      const { app, clock, app2fa } = await open(t, redis)
      await new Visitor(app, 'program').post('/register', bob)
      const pending = async () => {
        const browser = new Visitor(app, 'browser')
        await browser.submit('/login', alice)
        return browser
      }
      const isOver = async (browser: Visitor, why: string) => {
        t.equal((await browser.get('/login/code')).headers.location, '/login', why)
        t.equal(
          (await browser.submit('/login/code', { code: app2fa.code() })).headers.location,
          '/login',
          why
        )
        t.notOk('latchkey' in browser.cookies)
      }
      const late = await pending()
      clock.pass(10 * minute)
      t.equal((await late.get('/login/code')).statusCode, 200)
      clock.pass(1)
      await isOver(late, 'after ten minutes')

      const { accounts } = app.latchkey
      const [changed, disabled, copied, others] = [
        await pending(),
        await pending(),
        await pending(),
        await pending()
      ]
      const copy = new Visitor(app, 'browser')
      copy.cookies = { ...copied.cookies }
      const code = app2fa.code()
      t.equal((await copied.submit('/login/code', { code })).statusCode, 303)
      t.equal((await copy.submit('/login/code', { code })).statusCode, 401, 'a copy of it opens nothing')
      const bobs = await setUpCodes(app, clock, 'bob')
      t.equal((await others.submit('/login/code', { code: bobs.code() })).statusCode, 401, "another's code")

      await accounts.disable('alice')
      await isOver(disabled, 'the account is disabled')
      await accounts.enable('alice')
      await accounts.changePassword(alice)
      await isOver(changed, 'the password was changed')
      const removed = await pending()
      await accounts.remove('alice')
      await isOver(removed, 'the account is gone')
      await new Visitor(app, 'program').post('/register', alice)
      await isOver(removed, 'and the next of that name is another')
    }
  )

t.test('whoever starts over leaves no half sign-in to the next person at the computer', async (t) => {
  const { app } = await open(t)
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  const { body } = await browser.get('/login/code')
  const [, startOver = ''] = /href="(\/login\?[^"]+)"/.exec(body) ?? []
  t.match((await browser.get(startOver)).body, '<form')
  t.notOk('latchkey-pending' in browser.cookies)
  t.match((await browser.get('/login/code')).headers.location, '/login')
})

t.test('nobody makes up a pending sign-in', async (t) => {
  const { app, app2fa } = await open(t)
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  const name = 'latchkey-pending'
  const [text = '', signature = ''] = browser.cookies[name]?.split('.') ?? []
  const fields = JSON.parse(Buffer.from(text, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify(fields)).toString('base64url')
  for (const value of [
    '',
    '.',
    text,
    `${text}.`,
    `${text}.${signature.slice(1)}`,
    `${forged}A.${signature}`,
    `.${signature}`
  ]) {
    browser.cookies = { [name]: value }
    t.equal((await browser.get('/login/code')).statusCode, 303, value)
  }
  browser.cookies = { [name]: `${text}.${signature}`, latchkey: `s:${text}.${signature}` }
  t.equal((await browser.get('/dashboard')).headers.location, '/login?next=%2Fdashboard')
  t.equal((await browser.submit('/login/code', { code: app2fa.code() })).headers.location, '/dashboard')
})

t.test('wrong codes wait longer and longer, where nobody of the account has signed in before', async (t) => {
  const { app, clock, app2fa } = await open(t)
  const { addresses, mail } = app[services]
  await addresses.set((await accountOf(app)).id, 'alice@example.org', {})
  const told = async () => (await mail.list({ limit: 9 })).map(({ template }) => template)
  const known = new Visitor(app, 'browser')
  await known.submit('/login', alice)
  await known.submit('/login/code', { code: app2fa.code() })
  await known.submit('/logout')
  await known.submit('/login', alice)
  await known.submit('/login/code', { code: '000000' })
  t.notOk((await told()).includes('codes-refused'), 'the owner has mistyped one')
  const thief = new Visitor(app, 'browser')
  await thief.submit('/login', alice)
  for (let tries = 0; tries < 5; tries += 1)
    t.equal((await thief.submit('/login/code', { code: '000000' })).statusCode, 401)
  const held = await thief.submit('/login/code', { code: '000000' })
  t.match([held.statusCode, held.headers['retry-after']], [429, '30'])
  t.equal((await told()).filter((template) => template === 'codes-refused').length, 1, 'the owner is told')
  const [recovery = ''] = app2fa.recoveryCodes
  t.equal(
    (await thief.submit('/login/code', { code: `${recovery}` })).statusCode,
    200,
    'recovery codes do not wait'
  )
  await known.submit('/login', alice)
  t.equal((await known.submit('/login/code', { code: app2fa.code() })).statusCode, 303, 'nor does the owner')
  clock.pass(20 * minute)
  t.equal((await signInWithCode(new Visitor(app, 'program'), app2fa)).statusCode, 200)
})

t.test(
  'wrong recovery codes wait too, so that nobody closes them with the password or a session',
  async (t) => {
    const { app, app2fa } = await open(t)
    const known = new Visitor(app, 'program')
    await signInWithCode(known, app2fa)
    const thief = new Visitor(app, 'program')
    await thief.post('/login', alice)
    const stolen = new Visitor(app, 'program')
    stolen.cookies = { latchkey: known.cookies.latchkey ?? '' }
    const wrong = { code: '0000-0000-0000-0000-0000-0000' }
    const answersTo = async (visitor: Visitor, path: string) => {
      const answers = new Set<number>()
      for (let tries = 0; tries < 60; tries += 1) answers.add((await visitor.post(path, wrong)).statusCode)
      return [...answers]
    }
    t.same(await answersTo(thief, '/login/code'), [401, 429])
    t.same(await answersTo(stolen, '/confirm'), [401, 429])
    const events = await app.latchkey.audit.list(undefined, 500)
    t.equal(
      events.filter(({ event }) => event === 'code-refused').length,
      10,
      'what was not looked at is no event'
    )
    t.match(
      (await thief.post('/login/code', { code: app2fa.code() })).json(),
      { user: 'alice' },
      'an app’s code does not wait'
    )
    const owner = new Visitor(app, 'program')
    owner.cookies = { ...known.cookies }
    await owner.post('/logout')
    await owner.post('/login', alice)
    const [code = ''] = app2fa.recoveryCodes
    t.match(
      (await owner.post('/login/code', { code })).json(),
      { user: 'alice' },
      'nor the owner in a known browser'
    )
  }
)

t.test(
  'an app that signs in itself comes to the second factor, unless it says what it has verified',
  async (t) => {
    const clock = new TestClock()
    const app = Fastify({ pluginTimeout: 0 })
    t.teardown(() => app.close())
    await app.register(latchkey, { databaseUrl: 'file::memory:', home: '/home' })
    app.post('/own', async (request, reply) => {
      const { next, ...credentials } = request.body as typeof alice & { code?: string; next?: string }
      const attempt = await request.verifyPassword(credentials)
      if (!attempt.ok) throw attempt.error
      await reply.signIn(attempt.account, { ...(next && { next }) })
      return reply.redirect('/home', 303)
    })
    app.post('/by-key', async (_request, reply) => {
      await reply.signIn({ name: 'alice', role: 'user' }, { proofs: ['passkey', 'verified'] })
      return 'in'
    })
    app.post('/by-touch', async (_request, reply) => {
      await reply.signIn({ name: 'alice', role: 'user' }, { proofs: ['passkey'] })
      return 'in'
    })
    app.post('/by-mail', async (_request, reply) => {
      await reply.signIn({ name: 'alice', role: 'user' })
      return 'in'
    })
    app.get('/key', (request) => request.requireUser({ factors: 'phishing-resistant', within: '10m' }))
    app.get('/all', (request) => request.requireUser({ factors: 'all', within: '10m' }))
    await app.ready()
    await app.latchkey.accounts.add(alice)
    const program = new Visitor(app, 'program')
    t.equal((await program.post('/own', alice)).statusCode, 303, 'the password is all there is')
    t.match((await program.get('/key')).json(), {
      code: 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP',
      methods: ['password']
    })
    t.equal((await program.get('/all')).statusCode, 200)
    const authenticator = await setUpCodes(app, clock)

    const browser = new Visitor(app, 'browser')
    t.equal((await browser.post('/own', { ...alice, next: '/all' })).headers.location, '/login/code')
    t.equal((await browser.submit('/login/code', { code: authenticator.code() })).headers.location, '/all')
    t.match(
      (await browser.get('/key')).headers.location,
      '/confirm?next=%2Fkey&factors=phishing-resistant&within=10m'
    )
    t.match((await program.post('/by-mail')).json(), { code: 'LATCHKEY_SECOND_FACTOR_REQUIRED' })
    const touched = await program.post('/by-touch')
    t.match(
      touched.json(),
      { code: 'LATCHKEY_PASSKEY_UNVERIFIED' },
      'a code would be one factor of the same kind'
    )
    t.same(touched.cookies, [])
    t.equal((await program.post('/by-key')).body, 'in')
    t.equal((await program.get('/key')).statusCode, 200)
    t.equal((await program.get('/all')).statusCode, 200)
  }
)

t.test('without our pages an app asks for the code itself', async (t) => {
  const clock = new TestClock()
  const app = Fastify({ pluginTimeout: 0 })
  t.teardown(() => app.close())
  await app.register(latchkey, { databaseUrl: 'file::memory:', pages: false })
  app.post('/login', async (request, reply) => {
    const attempt = await request.verifyPassword(request.body as typeof alice)
    if (!attempt.ok) throw attempt.error
    await reply.signIn(attempt.account, { next: '/two' })
    return 'in'
  })
  app.post('/login/code', async (request, reply) => {
    const pending = await request.pendingSignIn()
    if (!pending) return reply.redirect('/login', 303)
    const verified = await request.verifyCode(pending.account, `${Object(request.body).code}`)
    if (!verified.ok) throw verified.error
    await reply.completeSignIn(pending, [verified.proof])
    return reply.redirect(pending.next, 303)
  })
  app.get('/two', (request) => request.requireUser({ factors: 2 }))
  await app.ready()
  await app.latchkey.accounts.add(alice)
  const authenticator = await setUpCodes(app, clock)
  const browser = new Visitor(app, 'browser')
  t.equal((await browser.post('/login/code')).headers.location, '/login')
  t.equal((await browser.post('/login', alice)).headers.location, '/login/code')
  t.match((await browser.post('/login/code', { code: '000000' })).json(), { code: 'LATCHKEY_WRONG_CODE' })
  t.equal((await browser.post('/login/code', { code: authenticator.code() })).headers.location, '/two')
  t.equal((await browser.get('/two')).statusCode, 200)
})
