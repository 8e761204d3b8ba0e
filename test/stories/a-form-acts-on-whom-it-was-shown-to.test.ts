import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, countSessions, secret, Visitor } from '../build.ts'
import { Authenticator } from '../factors/passkeys/authenticator.ts'
import { mailbox } from '../mailbox.ts'
import { routesOf } from '../routes-of.ts'
import { startRedis } from '../servers/redis.ts'

const views = join(import.meta.dirname, '../../views')
const bob = { username: 'bob', password: 'quite another phrase' }
/** Shown to nobody in particular. */
const open = [
  ...['/login', '/login/code', '/login/passkey', '/login/setup', '/register'],
  ...['/forgot', '/reset', '/invitation', '/account/email/undo']
]

interface Form {
  readonly action: string
  readonly fields: Record<string, string>
}

/** The forms of a page, as a browser would send them. */
function formsIn(page: string): readonly Form[] {
  return [...page.matchAll(/<form method="post" action="([^"]+)">(.*?)<\/form>/gs)].map(
    ([, action = '', content = '']) => {
      const inputs = [...content.matchAll(/<input[^>]* name="([^"]+)"(?: value="([^"]*)")?/g)]
      return { action, fields: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value])) }
    }
  )
}

/** `/account/sessions/:handle` as `/account/sessions/`, whatever it ends with in a page. */
function formRoutes(app: FastifyInstance): readonly string[] {
  return (
    routesOf(app)
      // Those of administrators have a story of their own.
      .filter(({ method, url }) => method === 'POST' && !/^\/(api|gate|admin)/.test(url))
      .map(({ url }) => url)
  )
}

/** Every page with a form, as alice sees it. */
async function pagesOf(browser: Visitor): Promise<readonly string[]> {
  const passkey = await addPasskey(browser)
  await askForAddress(browser)
  const { body } = await browser.get('/account/sessions')
  const [, one = ''] = /href="(\/account\/sessions\/[0-9a-f]+)"/.exec(body) ?? []
  const json = { headers: { accept: 'application/json' } }
  const made = await browser.post('/account/tokens/new', { name: 'a', days: '1', forApi: 'on' }, json)
  const token = made.json().id
  const security = ['app', 'app/remove', 'recovery-codes', 'passkeys', passkey, `${passkey}/remove`]
  const paths = [
    ...security.map((page) => `/account/security/${page}`),
    '/',
    '/account',
    '/account/email',
    '/account/email/confirm',
    '/account/email/remove',
    '/account/name',
    '/account/password',
    '/account/security',
    one,
    '/account/sessions/others',
    '/account/sessions/all',
    '/account/tokens/new',
    `/account/tokens/${token}`
  ]
  const pages = [...paths, '/account/remove', '/confirm', '/logout'].map((path) => browser.get(path))
  return (await Promise.all(pages)).map((page) => page.body)
}

/** Beside the one that is there. Follows the link. */
async function askForAddress(browser: Visitor): Promise<void> {
  const { id } = await accountOf(browser.app)
  await browser.app[services].addresses.set(id, 'alice@example.org', {})
  await browser.submit('/account/email', { email: 'new@example.org' })
  await browser.get((await mailbox(browser.app)('new@example.org')).link)
}

/** And signs in by it elsewhere. @returns its page, below /account/security */
async function addPasskey(browser: Visitor): Promise<string> {
  const json = { headers: { accept: 'application/json' } }
  const { passkey } = (await browser.get('/account/security/passkeys', json)).json()
  const authenticator = new Authenticator()
  await browser.post('/account/security/passkeys', { credential: authenticator.create(passkey) }, json)
  const elsewhere = new Visitor(browser.app, 'browser')
  const options = (await elsewhere.get('/login/passkey', json)).json().passkey
  await elsewhere.post('/login/passkey', { credential: authenticator.use(options) }, json)
  const { passkeys } = (await browser.get('/account/security', json)).json()
  return `passkeys/${passkeys[0].id}`
}

async function withBoth(t: Test, env: Record<string, string> = {}) {
  const app = await build(t, { env: { REGISTRATION: 'open', ...env } })
  for (const credentials of [alice, bob]) await app.latchkey.accounts.add(credentials)
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  return { app, browser }
}

t.test('every form in the views says whom it was shown to', async (t) => {
  let forms = 0
  for (const file of globSync('**/*.eta', { cwd: views })) {
    const view = readFileSync(join(views, file), 'utf8')
    for (const [form, action = ''] of view.matchAll(/<form[^>]* action="([^"]+)">.*?<\/form>/gs)) {
      if (open.includes(action)) continue
      forms += 1
      t.match(
        form,
        /^<form method="post" action="[^"]*">\s*<%~ include\('\.\.?\/parts\/form-owner'\) %>/,
        `${file}: ${action}`
      )
    }
    // A form that only finds something acts on nobody.
    t.equal(
      view.match(/<form(?! method="get" action=)/g)?.length ?? 0,
      view.match(/<form method="post" action="/g)?.length ?? 0,
      file
    )
  }
  t.ok(forms > 7)
})

t.test('in another tab somebody else has signed in: no form does anything to them', async (t) => {
  const { app, browser } = await withBoth(t)
  const forms = (await pagesOf(browser)).flatMap(formsIn)
  const routes = formRoutes(app).map((path) => path.replace(/:.*/, ''))
  const shown = forms.map(({ action }) =>
    action.replace(/[0-9a-f]{32}$|(?<=\/(passkeys|tokens)\/)(?!new$).*/, '')
  )
  t.same(new Set(shown), new Set(routes.filter((path) => !open.includes(path))), 'each route with a form')

  await browser.submit('/logout')
  await browser.submit('/login', bob)
  const { id } = await accountOf(app, 'bob')
  const sessions = countSessions(app)
  const filled = { ...bob, current: bob.password, password: bob.password }
  for (const { action, fields } of forms) {
    t.equal(fields.latchkeyUser, (await accountOf(app)).id)
    const answer = await browser.submit(action, { ...filled, ...fields })
    t.equal(answer.statusCode, 409, action)
    t.match(answer.body, 'You are signed in as bob.')
    t.match(formsIn(answer.body).at(-1), { action: '/logout', fields: { latchkeyUser: id } })
    const program = new Visitor(app, 'program')
    program.cookies = browser.cookies
    t.match((await program.post(action, { ...filled, ...fields })).json(), { code: 'LATCHKEY_OTHER_USER' })
    t.equal((await browser.get('/dashboard')).statusCode, 200)
  }
  t.equal(countSessions(app), sessions)
  t.same(
    (await app.latchkey.accounts.list()).map(({ name }) => name),
    ['alice', 'bob']
  )
  t.equal((await new Visitor(app, 'program').post('/login', bob)).statusCode, 200)

  const [, button] = formsIn((await browser.submit('/account/remove', forms.at(-1)?.fields)).body)
  t.equal((await browser.submit('/logout', button?.fields)).statusCode, 303, 'the button signs bob out')
  t.equal((await browser.get('/dashboard')).statusCode, 303)
})

t.test('a form of its own user, without the field, or with nobody signed in is as it was', async (t) => {
  const { app, browser } = await withBoth(t)
  const [form] = formsIn((await browser.get('/confirm')).body).slice(-1)
  t.equal((await browser.submit('/confirm', { ...form?.fields, password: alice.password })).statusCode, 303)
  t.equal((await browser.submit('/confirm', { password: alice.password })).statusCode, 303)
  await browser.submit('/logout', form?.fields)
  const { headers } = await browser.submit('/confirm', { ...form?.fields, password: alice.password })
  t.equal(headers.location, '/login?next=%2Fconfirm')
  await browser.submit('/login', bob)
  for (const latchkeyUser of ['', 'name:bob', 'alice'])
    t.equal((await browser.submit('/logout', { latchkeyUser })).statusCode, 409, latchkeyUser)
  t.equal((await browser.submit('/logout', 'latchkeyUser=a&latchkeyUser=b')).statusCode, 409)
  t.equal(
    (await app.inject({ method: 'POST', url: '/logout', payload: { latchkeyUser: 'a' } })).statusCode,
    200
  )
})

t.test('the two tabs, with sessions in Redis', async (t) => {
  const redis = await startRedis(t)
  const { app, browser } = await withBoth(t, { REDIS_URL: redis.url, SESSION_SECRET: secret })
  const asked = formsIn((await browser.get('/account/remove')).body).at(-1)
  t.equal(asked?.action, '/account/remove')
  await browser.submit('/logout')
  await browser.submit('/login', bob)
  t.equal((await browser.submit('/account/remove', asked?.fields)).statusCode, 409)
  t.equal((await app.latchkey.accounts.list()).length, 2)
  t.equal((await browser.get('/dashboard')).statusCode, 200)
})
