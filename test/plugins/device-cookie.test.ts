import t from 'tap'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'

t.test('a browser is known for a year after a sign-in, and signing out does not change that', async (t) => {
  const app = await build(t)
  await app.latchkey.accounts.add(alice)
  const browser = new Visitor(app, 'browser')
  const { cookies } = await browser.submit('/login', alice)
  const attributes = { httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 31_536_000 }
  const known = cookies.find(({ name }) => name === 'latchkey-browser')
  t.match(known, attributes)
  t.notMatch(known?.value, 'alice')
  const signedOut = await browser.submit('/logout')
  t.same(
    signedOut.cookies.map(({ name }) => name),
    ['latchkey']
  )
  t.ok(browser.cookies['latchkey-browser'])
})

t.test('a wrong password does not make a browser known', async (t) => {
  const app = await build(t)
  await registerAlice(app)
  const { cookies } = await new Visitor(app, 'browser').submit('/login', { ...alice, password: 'wrong' })
  t.same(cookies, [])
})

t.test('over https the cookie is for this host alone, even if the session is shared', async (t) => {
  const env = { TRUST_PROXY: 'loopback', SESSION_SECRET: secret }
  const headers = { 'x-forwarded-proto': 'https' }
  for (const more of [{ COOKIE_DOMAIN: '' }, { COOKIE_DOMAIN: 'example.org' }]) {
    const app = await build(t, { env: { ...env, PUBLIC_URL: 'https://login.example.org', ...more } })
    await app.latchkey.accounts.add(alice)
    const { cookies } = await new Visitor(app, 'browser').submit('/login', alice, { headers })
    const known = cookies.find(({ name }) => name.endsWith('-browser'))
    t.match(known, { name: '__Host-latchkey-browser', secure: true, path: '/' })
    t.notOk(known?.domain)
  }
})

t.test('a browser shared by two people is known to both', async (t) => {
  const app = await build(t, {
    routes: (app) =>
      app.get('/known/:name', async (request) => ({
        known: (await request.deviceFor(Object(request.params).name)) !== undefined
      }))
  })
  const bob = { ...alice, username: 'bob' }
  await app.latchkey.accounts.add(alice)
  await app.latchkey.accounts.add(bob)
  const browser = new Visitor(app, 'browser')
  for (const person of [alice, bob]) {
    await browser.submit('/login', person)
    await browser.submit('/logout')
  }
  for (const name of ['alice', 'bob']) t.same((await browser.get(`/known/${name}`)).json(), { known: true })
  t.same((await browser.get('/known/carol')).json(), { known: false })
  t.same((await new Visitor(app, 'browser').get('/known/alice')).json(), { known: false })
  const cookie = `latchkey-browser=planted; latchkey-browser=${browser.cookies['latchkey-browser']}`
  t.same(
    (await app.inject({ url: '/known/alice', headers: { cookie } })).json(),
    { known: true },
    'of several cookies'
  )
})
