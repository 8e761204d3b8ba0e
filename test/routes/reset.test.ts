import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build, log, Visitor } from '../build.ts'
import { somePasskey } from '../factors/examples.ts'

const password = 'three quite new words'
const hour = 60 * 60 * 1000

async function open(t: Test, more: Record<string, string> = {}) {
  const clock = { now: Date.now() }
  const app = await build(t, { now: () => clock.now, env: { LOG_LEVEL: 'trace', ...more } })
  await app.latchkey.accounts.add(alice)
  const signedIn = new Visitor(app, 'browser')
  await signedIn.submit('/login', alice)
  const { links, factors } = app[services]
  const makeLink = async (...purpose: ['password-and-factors' | 'password-and-last-factors'] | []) => {
    const made = (await links.make(await accountOf(app), ...purpose))!
    log.keepSecret(made.token)
    return `/reset?token=${made.token}`
  }
  /** A browser that has followed the link. */
  const follow = async (link: string) => {
    const browser = new Visitor(app, 'browser')
    await browser.get(link)
    return browser
  }
  return { app, clock, signedIn, factors, makeLink, follow }
}

t.test('a link sets a new password once, ends all sessions and signs nobody in', async (t) => {
  const { app, signedIn, makeLink } = await open(t)
  const link = await makeLink()
  const browser = new Visitor(app, 'browser')
  const moved = await browser.get(link)
  t.equal(moved.statusCode, 303)
  t.equal(moved.headers.location, '/reset', 'without the token')
  t.match(moved.cookies, [
    { name: 'latchkey-reset', httpOnly: true, sameSite: 'Lax', maxAge: 3600, path: '/' }
  ])
  const page = await browser.get('/reset')
  t.match(page.body, /<h1>Choose a new password<\/h1>[\s\S]+For the account alice/)
  t.match((await browser.submit('/reset', { password: 'short' })).body, /15 characters or more/)
  t.match(
    (await browser.submit('/reset', { password: 'passwordpassword' })).statusCode,
    400,
    'as for any new one'
  )
  t.equal((await signedIn.get('/dashboard')).statusCode, 200)

  const done = await browser.submit('/reset', { password })
  t.equal(done.statusCode, 200)
  t.match(done.body, 'Your new password is set')
  t.notMatch(done.body, 'second way')
  t.same(browser.cookies, {}, 'signed in nowhere')
  t.equal((await signedIn.get('/dashboard')).statusCode, 303)
  t.equal((await browser.submit('/login', alice)).statusCode, 401)
  t.equal((await browser.submit('/login', { ...alice, password })).statusCode, 303)
  const again = await new Visitor(app, 'browser').submit(
    '/reset',
    { password },
    { headers: { cookie: cookieOf(link) } }
  )
  t.equal(again.statusCode, 404)
  t.match(again.body, 'This link does not work any more')
  const [used] = await app.latchkey.audit
    .list((await accountOf(app)).id, 9)
    .then((all) => all.filter(({ event }) => event === 'link-use'))
  t.match(used, { name: 'alice', by: undefined, session: undefined })
})

t.test('a link can be looked at as often as one likes, and two posts at once use it once', async (t) => {
  const { app, makeLink, follow } = await open(t)
  const link = await makeLink()
  for (let times = 0; times < 50; times += 1) {
    const url = times % 2 ? link : '/reset'
    for (const method of ['GET', 'HEAD'] as const)
      await app.inject({
        method,
        url,
        headers: { cookie: cookieOf(link), 'x-forwarded-host': 'evil.example' }
      })
  }
  const { headers } = await app.inject({ url: link, headers: { 'x-forwarded-host': 'evil.example' } })
  t.equal(headers.location, '/reset', 'on this site')
  const browsers = await Promise.all([follow(link), follow(link)])
  const answers = await Promise.all(
    browsers.map((browser, index) => browser.submit('/reset', { password: `${password} ${index}` }))
  )
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 404])
})

t.test(
  'a link is over after an hour, after any change of the account, and when there is a newer one',
  async (t) => {
    const { app, clock, makeLink, follow } = await open(t)
    const statusOf = async (link: string) => (await (await follow(link)).get('/reset')).statusCode
    const old = await makeLink()
    t.equal(await statusOf(old), 200)
    const newer = await makeLink()
    t.equal(await statusOf(old), 404)
    const late = await follow(newer)
    clock.now += hour
    t.equal((await late.submit('/reset', { password })).statusCode, 404)
    const { accounts } = app.latchkey
    const changed = await follow(await makeLink())
    await accounts.changePassword({ ...alice, password: 'an other password' })
    t.equal((await changed.submit('/reset', { password })).statusCode, 404)
    const disabled = await follow(await makeLink())
    await accounts.disable(alice.username)
    t.equal((await disabled.submit('/reset', { password })).statusCode, 404)
    t.equal(await app[services].links.make(await accountOf(app)), undefined)
    await accounts.enable(alice.username)
    const removed = await follow(await makeLink())
    await accounts.remove(alice.username)
    await accounts.add(alice)
    t.equal((await removed.submit('/reset', { password })).statusCode, 404, 'of the next owner of the name')
    for (const none of ['', 'x', '%00', 'ü', 'a'.repeat(43)])
      t.equal(await statusOf(`/reset?token=${none}`), 404)
  }
)

t.test('a link drops second factors only if it was made to, and only when it is used', async (t) => {
  const { app, factors, makeLink, follow } = await open(t)
  const { id } = await accountOf(app)
  const added = await factors.addPasskey(await accountOf(app), somePasskey)
  const kept = await (await follow(await makeLink())).submit('/reset', { password })
  t.match(kept.body, 'your second way to sign in, as before')
  t.match(await accountOf(app), { secondFactors: 1 })
  const browser = await follow(await makeLink('password-and-factors'))
  t.match((await browser.get('/reset')).body, 'recovery codes are removed too')
  t.match(await accountOf(app), { secondFactors: 1 })
  const program = await follow(await makeLink('password-and-factors'))
  t.equal((await browser.submit('/reset', { password })).statusCode, 404)
  const headers = { accept: 'application/json' }
  t.same((await program.get('/reset', { headers })).json(), { user: 'alice', passwordMinLength: 15 })
  t.same((await program.post('/reset', { password }, { headers })).json(), { user: 'alice' })
  t.match(await accountOf(app), { secondFactors: 0 })
  t.match(await factors.of(id), { passkeys: [], recoveryCodes: { left: 0 } })
  const [code = ''] = added?.recoveryCodes ?? []
  t.match(await factors.takeRecoveryCode(id, code), { result: 'wrong' })
})

t.test('the last administrator keeps second factors, however old the link', async (t) => {
  const { app, factors, makeLink, follow } = await open(t, { SECOND_FACTOR: 'admins' })
  const { accounts } = app[services]
  await accounts.setRole(alice.username, 'admin')
  await accounts.add({ ...alice, username: 'bob' }, 'admin')
  const bob = (await accounts.find('bob'))!
  await factors.addPasskey(await accountOf(app), somePasskey)
  await factors.addPasskey(bob, { ...somePasskey, id: 'of bob' })
  const browser = await follow(await makeLink('password-and-factors'))
  await factors.dropAll(bob.id)
  const refused = await browser.submit('/reset', { password })
  t.match([refused.statusCode, refused.body], [409, 'No other administrator has a second factor'])
  t.match(await accountOf(app), { secondFactors: 1 })
  t.equal((await browser.submit('/login', { ...alice, password })).statusCode, 401, 'nothing was done')

  await factors.addPasskey((await accounts.find('bob'))!, { ...somePasskey, id: 'another of bob' })
  t.equal(
    (await browser.submit('/reset', { password })).statusCode,
    200,
    'it can be used once another has one'
  )
  await factors.addPasskey(await accountOf(app), { ...somePasskey, id: 'another of alice' })
  await factors.dropAll(bob.id)
  const forced = await follow(await makeLink('password-and-last-factors'))
  t.match((await forced.get('/reset')).body, 'recovery codes are removed too')
  t.equal((await forced.submit('/reset', { password })).statusCode, 200, 'of whoever has the machine')
  t.match(await accountOf(app), { secondFactors: 0 })
})

function cookieOf(link: string): string {
  return `latchkey-reset=${link.slice('/reset?token='.length)}`
}

async function accountOf(app: FastifyInstance) {
  return (await app[services].accounts.find(alice.username))!
}
