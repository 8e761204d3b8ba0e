import t from 'tap'
import { accountOf, alice, build, log, registerAlice, Visitor } from '../build.ts'

t.test(
  'registering, signing in, re-authenticating and signing out are recorded with their sessions',
  async (t) => {
    const app = await build(t)
    const browser = await registerAlice(app)
    await browser.submit('/login', alice)
    await browser.submit('/confirm', { password: alice.password })
    await browser.submit('/logout')
    const trail = (await app.latchkey.audit.list((await accountOf(app)).id, 10)).toReversed()
    t.match(
      trail.map(({ event }) => event),
      ['registration', 'sign-in', 'sign-in', 'proof', 'sign-out']
    )
    for (const { address, session } of trail.slice(1)) {
      t.equal(address, '127.0.0.1')
      t.match(session, /^[0-9a-f]{32}$/)
    }
    t.equal(
      new Set(trail.slice(1).map(({ session }) => session)).size,
      2,
      'the re-authentication and the sign-out have the session of the second sign-in'
    )
  }
)

t.test('signing out is recorded with each session that it ends, whichever cookies were sent', async (t) => {
  const app = await build(t)
  const others = { username: 'bob', password: 'purple monkey dishwasher' }
  for (const who of [alice, others]) await app.latchkey.accounts.add(who)
  const signedOut = async (cookie: (one: string, other: string, former: string) => string) => {
    const [browser, another] = [new Visitor(app, 'browser'), new Visitor(app, 'browser')]
    await browser.submit('/login', alice)
    const former = browser.cookies.latchkey ?? ''
    await browser.submit('/confirm', { password: alice.password })
    await another.submit('/login', others)
    const [one = '', other = ''] = [browser.cookies.latchkey, another.cookies.latchkey]
    const { length } = await app.latchkey.audit.list(undefined, 100)
    const headers = { cookie: cookie(one, other, former) }
    await app.inject({ method: 'POST', url: '/logout', headers })
    const codes = []
    for (const { cookies } of [browser, another])
      codes.push((await app.inject({ url: '/dashboard', cookies })).statusCode)
    const trail = await app.latchkey.audit.list(undefined, 100)
    const lines = trail.slice(0, trail.length - length)
    t.ok(lines.every(({ event, session }) => event === 'sign-out' && /^[0-9a-f]{32}$/.test(session ?? '')))
    return { names: lines.map(({ name }) => name).sort(), codes }
  }
  const [inBoth, inNeither] = [
    [401, 200],
    [401, 401]
  ]
  t.same(await signedOut((_one, _other, former) => `latchkey=${former}`), { names: ['alice'], codes: inBoth })
  t.same(
    await signedOut((_one, other, former) => `latchkey=nonsense; latchkey=${former}; latchkey=${other}x`),
    {
      names: ['alice'],
      codes: inBoth
    }
  )
  t.same(await signedOut((one, other) => `latchkey=${one}; latchkey=${other}`), {
    names: ['alice', 'bob'],
    codes: inNeither
  })
  t.same(await signedOut((_one, other, former) => `latchkey=${former}; latchkey=${other}`), {
    names: ['alice', 'bob'],
    codes: inNeither
  })
})

t.test('signing out without being signed in is not recorded', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  await browser.submit('/logout')
  await browser.submit('/logout')
  const trail = await app.latchkey.audit.list(undefined, 10)
  t.equal(trail.filter(({ event }) => event === 'sign-out').length, 1)
})

t.test('the log has the same events, as fields', async (t) => {
  const app = await build(t)
  await registerAlice(app)
  const lines = log.lines.map((line) => JSON.parse(line)).filter(({ audit }) => audit)
  t.match(lines.at(-1), { msg: 'sign-in', audit: { event: 'sign-in', name: 'alice', address: '127.0.0.1' } })
})

t.test('a secret in the log would be found', async (t) => {
  const leaky = {
    ...log,
    // Others in this process may still be open.
    services: 0,
    lines: ['{"password":"correct horse battery"}'],
    secrets: new Set([alice.password])
  }
  t.throws(() => leaky.giveNothingAway(), /The log holds the secret/)
})

t.test('what is no address is not recorded as one', async (t) => {
  const app = await build(t, { env: { TRUST_PROXY: '127.0.0.1' } })
  await app.latchkey.accounts.add(alice)
  let cookies = {}
  for (const madeUp of ['x'.repeat(9000), '"><b>alice', 'command line']) {
    const headers = { 'x-forwarded-for': madeUp }
    const response = await app.inject({ method: 'POST', url: '/login', headers, payload: alice })
    t.equal(response.statusCode, 200)
    cookies = Object.fromEntries(response.cookies.map(({ name, value }) => [name, value]))
  }
  for (const { address } of await app.latchkey.audit.list('alice', 10)) t.equal(address, undefined)
  const { sessions } = (await app.inject({ url: '/account/sessions', cookies })).json()
  t.equal(sessions.length, 3)
  for (const { address } of sessions) t.notOk(address)
})
