import t from 'tap'
import { alice, build, registerAlice, Visitor } from '../../build.ts'

const now = () => Date.UTC(2026, 0, 2, 3, 4, 5, 678)

t.test('shows the name and since when the account exists, with links to the rest', async (t) => {
  const app = await build(t, { now })
  await app.latchkey.accounts.add(alice)
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  const { statusCode, body } = await browser.get('/account')
  t.equal(statusCode, 200)
  t.match(body, '<bdi>alice</bdi>')
  t.match(body, '2026')
  t.notMatch(body, 'Administrator')
  for (const group of body.matchAll(/<section[\s\S]*?<\/section>/g))
    t.match(group[0], /<h2>.*\n.*<p.*\.<\/p>/)
  const [, apart = ''] = body.split('class="apart"')
  t.match(apart, /Deletion[\s\S]*href="\/account\/remove"/, 'deleting is the last thing, apart from the rest')
  for (const [, path = ''] of body.matchAll(/href="(\/account\/\w+)"/g))
    t.match((await browser.get(path)).statusCode, 200, path)
})

t.test('returns the same as JSON for a program', async (t) => {
  const app = await build(t, { now })
  await app.latchkey.accounts.add(alice, 'admin')
  const program = new Visitor(app, 'program')
  await program.post('/login', alice)
  const { user, role, since } = (await program.get('/account')).json()
  t.same({ user, role, since }, { user: 'alice', role: 'admin', since: '2026-01-02T03:04:05.678Z' })
})

t.test('every signed-in page has a link to the account and a button to sign out', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  for (const path of ['/', '/dashboard', '/account', '/account/password', '/account/sessions', '/confirm']) {
    const { body } = await browser.get(path)
    t.match(body, '<a href="/account"><bdi>alice</bdi></a>', path)
    t.match(
      body,
      /<form method="post" action="\/logout">\s*<input type="hidden"[^>]*>\s*<button class="quiet">Sign out/,
      path
    )
  }
  t.equal((await browser.get('/logout')).body.match(/action="\/logout"/g)?.length, 1)
  t.notMatch((await new Visitor(app, 'browser').get('/')).body, 'action="/logout"')
})

t.test('requires signing in', async (t) => {
  const app = await build(t)
  const browser = new Visitor(app, 'browser')
  for (const path of [
    '',
    '/password',
    '/sessions',
    '/sessions/others',
    '/sessions/x',
    '/activity',
    '/remove'
  ]) {
    const url = `/account${path}`
    t.equal((await browser.get(url)).headers.location, `/login?next=${encodeURIComponent(url)}`)
  }
  for (const path of ['/password', '/sessions/others', '/sessions/all', '/sessions/x', '/remove']) {
    const form = { current: alice.password, password: alice.password }
    t.match((await browser.submit(`/account${path}`, form)).headers.location, /^\/login/, path)
  }
})
