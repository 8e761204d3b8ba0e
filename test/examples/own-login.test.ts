import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, Visitor } from '../build.ts'
import { moduleUrl } from '../processes.ts'

const root = join(import.meta.dirname, '../..')

// In a clone there is no package yet.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'latchkey'
      ? { url: JSON.parse(moduleUrl('src/index.ts')), shortCircuit: true }
      : next(specifier, context)
})
const { clubhouse } = await import('../../examples/own-login/app.ts')

// Loads all files, which on a busy machine may take longer than Fastify gives a plugin.
await build(t)
const app = await clubhouse({ databaseUrl: 'file::memory:' })
t.teardown(() => app.close())
await app.latchkey.accounts.add(alice)

/** @param from an address, so that tests do not share attempts */
function attempt(credentials: object, from: string, headers = {}) {
  return app.inject({ method: 'POST', url: '/login', payload: credentials, remoteAddress: from, headers })
}

t.test('a form signs in, stays signed in and signs out', async (t) => {
  const browser = new Visitor(app, 'browser')
  t.equal((await browser.get('/')).headers.location, '/login?next=%2F')
  t.match((await browser.get('/login')).body, '<form method="post">')
  const { statusCode, headers } = await browser.submit('/login', { ...alice, remember: 'on' })
  t.equal(statusCode, 303)
  t.equal(headers.location, '/')
  t.match(headers['set-cookie'], /latchkey=.*Max-Age=/)
  t.same((await browser.get('/')).json(), { hello: 'alice' })
  t.equal((await browser.submit('/logout')).headers.location, '/login')
  t.equal((await browser.get('/')).statusCode, 303)
})

t.test('sign-in leads back to the page that asked for it, and to no other site', async (t) => {
  for (const [next, location] of [
    ['/?page=2', '/?page=2'],
    ['//example.org', '/'],
    ['https://example.org', '/'],
    ['/\\\\example.org', '/'],
    ['/login', '/']
  ] as const) {
    const browser = new Visitor(app, 'browser')
    const { headers } = await browser.submit(`/login?next=${encodeURIComponent(next)}`, alice)
    t.equal(headers.location, location, next)
  }
})

t.test('of forty guesses five are looked at, and the audit trail has them', async (t) => {
  const { accounts } = app[services]
  const looked: string[] = []
  const verify = accounts.verify.bind(accounts)
  accounts.verify = (credentials, options) => {
    looked.push(credentials.password)
    return verify(credentials, options)
  }
  t.teardown(() => Reflect.deleteProperty(accounts, 'verify'))
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => attempt({ ...alice, password: `guess ${index}` }, '192.0.2.1'))
  )
  t.ok(looked.length <= 6, `${looked.length} looked at`)
  const held = answers.filter(({ statusCode }) => statusCode === 429)
  t.equal(held.length, 40 - looked.length)
  for (const { headers } of held) t.ok(Number(headers['retry-after']) > 0)
  t.equal((await attempt(alice, '192.0.2.1')).statusCode, 429, 'nor is the right one')
  const events = (await app.latchkey.audit.list((await accountOf(app)).id, 100)).map(({ event }) => event)
  t.equal(events.filter((event) => event === 'sign-in-refused').length, looked.length)
  t.ok(events.includes('sign-in-throttled'))
})

t.test('a name that nobody has is answered alike, to the byte', async (t) => {
  const password = 'not the password'
  const [known, unknown] = await Promise.all([
    attempt({ username: 'alice', password }, '192.0.2.2'),
    attempt({ username: 'nobody', password }, '192.0.2.3')
  ])
  const visible = ({ statusCode, body, headers: { date, ...rest } }: typeof known) => [statusCode, body, rest]
  t.equal(known.statusCode, 401)
  t.match(known.body, 'That name and password do not match.')
  t.same(visible(known), visible(unknown))
})

t.test('a visitor registers once, and cannot find out many names', async (t) => {
  const browser = new Visitor(app, 'browser')
  const bob = { username: 'bob', password: alice.password }
  t.equal((await browser.submit('/register', bob)).headers.location, '/')
  t.same((await browser.get('/')).json(), { hello: 'bob' })
  const register = (username: string, password = alice.password) =>
    app.inject({
      method: 'POST',
      url: '/register',
      payload: { username, password },
      remoteAddress: '192.0.2.5'
    })
  const short = await register('carol', 'short')
  t.equal(short.statusCode, 400)
  t.match(short.body, 'That password has 5 characters')
  const statuses = []
  for (const username of Array.from({ length: 11 }, () => 'b\u043eb'))
    statuses.push((await register(username)).statusCode)
  t.same(statuses, [...Array(10).fill(409), 429], 'bob in Cyrillic is taken')
  const events = (await app.latchkey.audit.list((await accountOf(app, 'bob')).id, 10)).map(
    ({ event }) => event
  )
  t.same(events.sort(), ['registration', 'sign-in'])
})

t.test('another site cannot sign anybody in, and half a form is refused', async (t) => {
  t.equal((await attempt(alice, '192.0.2.4', { 'sec-fetch-site': 'cross-site' })).statusCode, 403)
  t.equal((await attempt({ username: 'alice' }, '192.0.2.4')).statusCode, 400)
})

t.test('the README shows this program', async (t) => {
  const program = readFileSync(join(root, 'examples/own-login/app.ts'), 'utf8')
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, shown = ''] = /## Your own sign-in page\n[\s\S]*?```ts\n([\s\S]+?)```/.exec(readme) ?? []
  t.ok(shown)
  t.equal(shown, program)
})
