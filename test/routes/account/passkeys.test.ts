import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { once } from '../../../src/primitives/once.ts'
import { accountOf, alice, build, databaseFile, log, registerAlice, secret, Visitor } from '../../build.ts'
import { Authenticator } from '../../factors/passkeys/authenticator.ts'
import { TestClock } from '../../second-factors.ts'
import { eventually } from '../../servers/eventually.ts'
import { startRedis } from '../../servers/redis.ts'

const json = { headers: { accept: 'application/json' } }
const pages = '/account/security/passkeys'

const stores = ['SQLite', 'Redis']
/** One for all tests of this file, each with its own prefix. */
const redis = once(() => startRedis(t))
let prefixes = 0

async function start(t: Parameters<typeof build>[0], env = {}, store = 'SQLite') {
  const clock = new TestClock()
  const kept = store === 'Redis' && {
    REDIS_URL: (await redis()).url,
    REDIS_PREFIX: `${++prefixes}:`,
    SESSION_SECRET: secret
  }
  const app = await build(t, { env: { ...env, ...kept }, now: clock.now })
  const browser = await registerAlice(app)
  return { app, browser, clock, authenticator: new Authenticator() }
}

async function add(browser: Visitor, authenticator: Authenticator, id?: string) {
  const { passkey } = (await browser.get(pages, json)).json()
  return browser.post(pages, { credential: authenticator.create(passkey, id) }, json)
}

async function optionsOf(visitor: Visitor) {
  return (await visitor.get('/login/passkey', json)).json().passkey
}

async function signInBy(authenticator: Authenticator, visitor: Visitor, id?: string, changes = {}) {
  const credential = authenticator.use(await optionsOf(visitor), id, changes)
  return visitor.post('/login/passkey', { credential }, json)
}

t.test('passkeys are added, named, renamed and removed', async (t) => {
  const { app, browser, authenticator } = await start(t)
  t.equal((await add(browser, authenticator)).json().recoveryCodes.length, 10, 'with the first factor')
  t.same((await add(browser, authenticator)).json(), { changed: true })
  const own = (await browser.get('/account/security', json)).json()
  t.equal(own.passkeys.length, 2)
  t.match(own.passkeys[0], { name: 'Passkey', rpId: 'localhost', worksHere: true, isBackedUp: false })
  t.notMatch(JSON.stringify(own), 'publicKey')

  const [{ id }] = own.passkeys
  t.match((await browser.get(`${pages}/${id}`)).body, 'value="Passkey"')
  const renamed = await browser.submit(`${pages}/${id}`, { name: '  My  <phone> ' })
  t.equal(renamed.headers.location, '/account/security')
  t.match((await browser.get('/account/security')).body, 'The passkey is called “My &lt;phone&gt;” now.')
  for (const name of ['', '  ', 'x'.repeat(51), 'a\u202eb'])
    t.match((await browser.submit(`${pages}/${id}`, { name })).body, 'A name has 1 to 50 characters.', name)

  t.match((await browser.get(`${pages}/${id}/remove`)).body, 'Remove the passkey “My &lt;phone&gt;”?')
  await browser.submit(`${pages}/${id}/remove`)
  t.match((await browser.get('/account/security')).body, 'The passkey “My &lt;phone&gt;” has been removed.')
  for (const method of ['get', 'submit', 'post'] as const)
    t.equal((await browser[method](`${pages}/${id}`, { name: 'x' } as never)).statusCode, 404, 'it is gone')
  const events = await app[services].audit.list((await accountOf(app)).id, 50)
  t.same(
    events.flatMap(({ event, detail }) => (event.startsWith('passkey') ? [[event, detail]] : [])).reverse(),
    [
      ['passkey-add', 'Passkey'],
      ['passkey-add', 'Passkey'],
      ['passkey-rename', 'My <phone>'],
      ['passkey-remove', 'My <phone>']
    ]
  )
})

t.test('one that is removed while it is used opens nothing', async (t) => {
  const { app, browser, authenticator } = await start(t)
  await add(browser, authenticator)
  const { accounts, factors } = app[services]
  const findById = accounts.findById.bind(accounts)
  accounts.findById = async (id) => {
    accounts.findById = findById
    await factors.dropAll(id)
    return findById(id)
  }
  const visitor = new Visitor(app, 'browser')
  t.match((await signInBy(authenticator, visitor)).json(), { code: 'LATCHKEY_PASSKEY_REFUSED' })
  t.equal((await visitor.get('/account')).statusCode, 303)
})

for (const store of stores)
  t.test(
    `one authenticator makes one passkey, and one credential is of one account (case 10), over ${store}`,
    async (t) => {
      const { app, browser, authenticator } = await start(t, { REGISTRATION: 'open' }, store)
      await add(browser, authenticator, 'AAAA')
      const { passkey } = (await browser.get(pages, json)).json()
      t.match(passkey.excludeCredentials, [{ id: 'AAAA' }])
      const other = new Visitor(app, 'browser')
      await other.submit('/register', { username: 'bob', password: alice.password })
      t.equal((await add(other, new Authenticator(), 'AAAA')).json().code, 'LATCHKEY_PASSKEY_TAKEN')
      const refused = await other.submit(pages, { credential: '{}' })
      t.equal(refused.statusCode, 401)
      t.match(refused.body, 'That passkey was not accepted.')
      const handle = Buffer.from((await accountOf(app, 'bob')).id, 'base64url').toString('base64url')
      const login = new Visitor(app, 'browser')
      const swapped = await signInBy(authenticator, login, 'AAAA', { userHandle: handle })
      t.equal(swapped.json().code, 'LATCHKEY_PASSKEY_REFUSED', 'with the handle of another account')
      t.equal((await signInBy(authenticator, login, 'AAAA')).json().user, 'alice')
    }
  )

for (const store of stores)
  t.test(`a passkey is the whole sign-in if it verifies its user (case 9), over ${store}`, async (t) => {
    const { app, browser, authenticator } = await start(t, {}, store)
    await add(browser, authenticator)
    const login = new Visitor(app, 'browser')
    t.equal((await signInBy(authenticator, login)).json().user, 'alice')
    t.equal((await login.get('/dashboard')).statusCode, 200)

    authenticator.options = { ...authenticator.options, verifies: false }
    const present = new Visitor(app, 'browser')
    t.equal((await signInBy(authenticator, present)).json().code, 'LATCHKEY_PASSKEY_UNVERIFIED')
    t.equal((await present.get('/dashboard')).statusCode, 303)
  })

for (const store of stores)
  t.test(
    `a passkey is used once for each challenge, and for what it was asked (case 12), over ${store}`,
    async (t) => {
      const { browser, authenticator, app } = await start(t, {}, store)
      const { passkey: toAdd } = (await browser.get(pages, json)).json()
      const credential = authenticator.create(toAdd)
      t.equal((await browser.post(pages, { credential }, json)).statusCode, 200)
      t.equal((await browser.post(pages, { credential }, json)).statusCode, 401, 'nor is it added twice')

      const login = new Visitor(app, 'browser')
      const once = authenticator.use(await optionsOf(login))
      const answers = await Promise.all(
        [1, 2, 3].map(() => new Visitor(app, 'browser').post('/login/passkey', { credential: once }, json))
      )
      t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 401, 401])
      const wrong = authenticator.use({ ...(await optionsOf(login)), challenge: toAdd.challenge })
      t.equal((await login.post('/login/passkey', { credential: wrong }, json)).statusCode, 401)
    }
  )

for (const store of stores)
  t.test(
    `a passkey is the second factor after the password, of its own account only (cases 9, 10, 12), over ${store}`,
    async (t) => {
      const { app, browser, authenticator } = await start(t, { REGISTRATION: 'open' }, store)
      await add(browser, authenticator)
      const bob = { username: 'bob', password: alice.password }
      const other = new Visitor(app, 'browser')
      await other.submit('/register', bob)
      const ofBob = new Authenticator()
      await add(other, ofBob)

      const half = new Visitor(app, 'browser')
      t.equal((await half.submit('/login', { ...alice, next: '/account' })).headers.location, '/login/code')
      t.match((await half.get('/login/code')).body, 'Use a passkey')
      const { methods, passkey } = (await half.get('/login/code', json)).json()
      t.same(methods, ['recovery', 'passkey'])
      t.match(passkey, {
        userVerification: 'preferred',
        allowCredentials: [{ id: authenticator.credentials[0]?.id }]
      })
      const refused = async (credential: string, why: string) => {
        const { statusCode, body } = await half.submit('/login/code', { credential })
        t.equal(statusCode, 401, why)
        t.match(body, 'That passkey was not accepted.')
      }
      await refused(ofBob.use(passkey), 'a passkey of somebody else')
      await refused(authenticator.use(await optionsOf(half)), 'an answer for a sign-in by a passkey alone')
      t.equal(
        (await signInBy(authenticator, half, undefined, {})).statusCode,
        200,
        'which opens its own door'
      )

      const present = new Visitor(app, 'browser')
      await present.submit('/login', alice)
      authenticator.options = { ...authenticator.options, verifies: false }
      const asked = (await present.get('/login/code', json)).json().passkey
      const credential = authenticator.use(asked)
      t.equal(
        (await signInBy(authenticator, new Visitor(app, 'browser'))).statusCode,
        401,
        'too little by itself'
      )
      t.equal((await present.submit('/login/code', { credential })).headers.location, '/dashboard')
      const { sessions } = (await present.get('/account/sessions', json)).json()
      t.ok(sessions.length > 0)
    }
  )

t.test('/confirm takes a passkey, which is all that is asked for if it verifies its user', async (t) => {
  const { browser, authenticator, clock } = await start(t)
  await add(browser, authenticator)
  clock.pass(11 * 60_000)
  const { location = '' } = (await browser.get('/account/security/app')).headers
  t.match(location, '/confirm?next=%2Faccount%2Fsecurity%2Fapp&factors=2')
  t.match((await browser.get(`${location}`)).body, 'Use a passkey')
  const { passkey } = (await browser.get('/confirm', json)).json()
  const wrong = await browser.submit('/confirm', { credential: '{}', next: '/account/security/app' })
  t.equal(wrong.statusCode, 401)
  const proved = await browser.submit('/confirm', {
    credential: authenticator.use(passkey),
    next: '/account/security/app'
  })
  t.equal(proved.headers.location, '/account/security/app')
  t.equal((await browser.get('/account/security/app')).statusCode, 200)
})

for (const store of ['SQLite', 'Redis'])
  t.test(`one answer counts once on all machines, over ${store} (case 12)`, async (t) => {
    const shared = {
      SESSION_SECRET: secret,
      ...(store === 'Redis' && { REDIS_URL: (await startRedis(t)).url })
    }
    const { app, browser, authenticator, clock } = await start(t, shared)
    await add(browser, authenticator)
    const env = { DATABASE_URL: `file:${databaseFile(app)}`, ...shared }
    const elsewhere = await build(t, { env, now: clock.now })
    const credential = authenticator.use(await optionsOf(new Visitor(app, 'browser')))
    const answers = await Promise.all(
      [app, elsewhere, app, elsewhere].map((machine) =>
        new Visitor(machine, 'browser').post('/login/passkey', { credential }, json)
      )
    )
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 401, 401, 401])
  })

for (const store of stores)
  t.test(`counters refuse nobody, and are a signal (case 11), over ${store}`, async (t) => {
    const { app, browser, authenticator } = await start(t, {}, store)
    await add(browser, authenticator)
    const copied = async () =>
      (await app[services].audit.list((await accountOf(app)).id, 50)).filter(
        ({ event }) => event === 'passkey-copied'
      )
    for (const [counter, signals] of [
      [0, 0],
      [5, 0],
      [5, 1],
      [7, 1],
      [0, 2]
    ] as const) {
      authenticator.options = { ...authenticator.options, counter }
      t.equal((await signInBy(authenticator, new Visitor(app, 'browser'))).statusCode, 200, `${counter}`)
      t.equal((await copied()).length, signals)
    }
  })

for (const store of stores)
  t.test(
    `a passkey whose account is gone, disabled or another’s opens nothing (case 15), over ${store}`,
    async (t) => {
      const { app, browser, authenticator } = await start(t, {}, store)
      await add(browser, authenticator)
      await app.latchkey.accounts.disable(alice.username, { force: true })
      const login = new Visitor(app, 'browser')
      t.equal((await signInBy(authenticator, login)).json().code, 'LATCHKEY_PASSKEY_REFUSED')
      await app.latchkey.accounts.remove(alice.username, { force: true })
      await app.latchkey.accounts.add(alice)
      t.equal((await signInBy(authenticator, login)).json().code, 'LATCHKEY_PASSKEY_UNKNOWN')
      const page = await login.submit('/login/passkey', {
        credential: authenticator.use(await optionsOf(login))
      })
      t.match(page.body, 'That passkey is not known here')
      t.match(
        page.body,
        `data-unknown-passkey="{&quot;rpId&quot;:&quot;localhost&quot;,&quot;credentialId&quot;:`
      )
      const { secondFactors } = (await app[services].accounts.find(alice.username))!
      t.equal(secondFactors, 0)
    }
  )

for (const store of stores)
  t.test(
    `where PUBLIC_URL has moved, passkeys of before are shown and open nothing (case 14), over ${store}`,
    async (t) => {
      const { app, browser, authenticator } = await start(t, {}, store)
      await add(browser, authenticator)
      const file = databaseFile(app)
      await app.close()
      const env = {
        DATABASE_URL: `file:${file}`,
        PUBLIC_URL: 'https://id.example.org',
        TRUST_PROXY: '127.0.0.1'
      }
      const moved = await build(t, { env })
      await moved.listen({ port: 0, host: '127.0.0.1' })
      const warned = /There are passkeys for localhost, which do not work at https:\/\/id\.example\.org/
      await eventually('a warning', async () => log.lines.some((line) => warned.test(line)))
      const login = new Visitor(moved, 'browser')
      const headers = { 'x-forwarded-proto': 'https', host: 'id.example.org', accept: 'application/json' }
      const { passkey } = (await login.get('/login/passkey', { headers })).json()
      t.equal(passkey.rpId, 'id.example.org')
      authenticator.options = { ...authenticator.options, origin: 'https://id.example.org' }
      const credential = authenticator.use({ ...passkey, rpId: 'localhost' })
      t.equal(
        (await login.post('/login/passkey', { credential }, { headers })).json().code,
        'LATCHKEY_PASSKEY_REFUSED'
      )
    }
  )

t.test('where there can be no passkey, none is offered', async (t) => {
  const { browser } = await start(t)
  const headers = { host: '127.0.0.1:3000' }
  t.notMatch((await browser.get('/account/security', { headers })).body, 'Add a passkey')
  t.match(
    (await browser.get('/account/security', { headers })).body,
    'There can be no passkeys at this address.'
  )
  t.equal((await browser.get(pages, { headers })).statusCode, 404)
  const visitor = new Visitor(browser.app, 'browser')
  t.notMatch((await visitor.get('/login', { headers })).body, 'passkey')
  t.match((await visitor.get('/login')).body, 'Sign in with a passkey')
  t.equal((await visitor.get('/login/passkey', { headers })).headers.location, '/login')
  const { statusCode } = await visitor.get('/login/passkey', { headers: { ...headers, ...json.headers } })
  t.equal(statusCode, 404)
})
