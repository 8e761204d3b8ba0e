import type { FastifyInstance } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { actionTexts } from '../../plugins/admin/action-texts.ts'
import { newSeed } from '../../src/factors/one-time-codes.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, Visitor } from '../build.ts'
import { type Route, routesOf } from '../routes-of.ts'
import { TestClock } from '../second-factors.ts'

const people = ['alice', 'bob', 'carol', 'dave'] as const
const bob = { ...alice, username: 'bob' }
const carol = { ...alice, username: 'carol' }

/** What everybody does in the API to their own account, or without one. All else is for administrators. */
const ofAnybody =
  /^\/api(\/?|\/(documentation|openapi\.json|forgot|registrations|email(\/.*)?|session(\/.*)?|sessions(\/.*)?|password|name|tokens(\/.*)?|account(\/.*)?))$/

const clock = new TestClock()
const app = await build(t, {
  now: clock.now,
  routes: (app: FastifyInstance) => {
    app.get('/own-session', async ({ session }) => session.sessionId)
  }
})
for (const username of people) await app.latchkey.accounts.add({ ...alice, username })
const { accounts, audit, factors, groups, invitations, sessions, tokens } = app[services]
for (const name of ['bob', 'carol']) await accounts.setRole(name, 'admin')
await groups.add('staff')
const dave = await accountOf(app, 'dave')
await groups.join(dave.id, 'staff')
const token = await tokens.make(dave.id, { name: 'a', hosts: '', forApi: true, days: 1 })
const session = await signedIn({ ...alice, username: 'dave' }).then(async () => {
  const { sessions: listed } = await sessions.listByUser(dave.id, {})
  return listed[0]?.handle ?? ''
})

async function signedIn(person: typeof alice, more: Record<string, string> = {}): Promise<Visitor> {
  const visitor = new Visitor(app, 'program')
  const { statusCode } = await visitor.post('/login', { ...person, ...more })
  if (statusCode !== 200) throw new Error(`${person.username} got ${statusCode}`)
  return visitor
}

/** Every address that is for administrators, of the router's own list, about dave. */
const addresses: readonly Route[] = routesOf(app)
  .filter(({ method }) => !['HEAD', 'OPTIONS'].includes(method))
  .filter(({ url }) => /^\/admin(\/|$)/.test(url) || (url.startsWith('/api') && !ofAnybody.test(url)))
  .flatMap(({ method, url }) => {
    const actions = url.includes(':action') ? Object.keys(actionTexts) : ['']
    return actions.map((action) => ({ method, url: addressOf(url, action) }))
  })

function addressOf(url: string, action: string): string {
  const what = { 'end-session': session, 'end-token': token.ok ? token.details.id : '', leave: 'staff' }[
    action
  ]
  return url
    .replace(':action', action)
    .replace(':what', what ?? 'staff')
    .replace(':name', 'dave')
    .replace(':group', 'staff')
    .replace(':session', session)
    .replace(':handle', session)
    .replace(':token', token.ok ? token.details.id : '')
    .replace(':id', dave.id)
}

const isChange = ({ method, url }: Route) => method !== 'GET' || /^\/admin\/people\/[^/]+\//.test(url)
const filled = {
  ...{ version: '1', name: 'dave', reason: 'because', group: 'staff', role: 'user' },
  address: 'somebody@example.org'
}

/** What each address answers. */
async function walk(
  visitor: Visitor,
  { wanted = () => true, headers = {}, body = {} }: Walk = {}
): Promise<readonly string[]> {
  const answers: string[] = []
  for (const { method, url } of addresses.filter(wanted)) {
    const payload = method === 'GET' ? {} : { payload: { ...filled, ...body } }
    const answer = await app.inject({
      ...{ method: method as 'GET', url, cookies: visitor.cookies, ...payload },
      headers: { accept: 'application/json', ...headers }
    })
    answers.push(`${answer.statusCode} ${/"code":"(\w+)"/.exec(answer.body)?.[1] ?? ''}`)
  }
  return [...new Set(answers)]
}

interface Walk {
  readonly wanted?: (route: Route) => boolean
  readonly headers?: Record<string, string>
  readonly body?: Record<string, string>
}

/** All that a change of an administrator would leave. */
async function traces(): Promise<string> {
  const all = await Promise.all(
    people.map(async (name) => {
      const account = await accounts.find(name)
      const of = account && (await groups.of(account.id))
      return [name, account?.version, account?.role, account?.disabledAt, of]
    })
  )
  const events = (await audit.list(undefined, 1000)).filter(({ by }) => by !== undefined)
  const daves = await sessions.listByUser(dave.id, {})
  const [left, invited] = await Promise.all([tokens.list(dave.id), invitations.list()])
  return JSON.stringify([all, events.length, daves.sessions.length, left.length, invited.length])
}

const before = await traces()

t.test('the walk goes to each address of the pages and of the API', async (t) => {
  t.ok(addresses.length > 40, `${addresses.length} addresses`)
  for (const address of ['GET /admin', 'GET /admin/activity/export', `POST /admin/people/${dave.id}/remove`])
    t.ok(
      addresses.some(({ method, url }) => `${method} ${url}` === address),
      address
    )
  t.ok(addresses.some(({ url }) => url.startsWith('/api/accounts')))
})

t.test('nobody, and whoever is no administrator, is refused everywhere', async (t) => {
  t.same(await walk(new Visitor(app, 'program')), ['401 LATCHKEY_SIGN_IN_REQUIRED'])
  t.same(await walk(await signedIn(alice)), ['403 LATCHKEY_ROLE_REQUIRED'])
  const html = { accept: 'text/html' }
  const wanted = ({ url }: Route) => url.startsWith('/admin')
  t.same(await walk(await signedIn(alice), { headers: html, wanted }), ['403 '])
  t.notMatch((await (await signedIn(alice)).get('/dashboard', { headers: html })).body, '/admin')
})

t.test('an administrator with one factor of two changes nothing, and reads nothing', async (t) => {
  const visitor = await signedIn(bob)
  const { body: keep } = await visitor.get('/own-session')
  const seed = newSeed()
  const code = () => TOTP.generate({ secret: Secret.fromBase32(seed), timestamp: clock.time })
  const account = await accountOf(app, 'bob')
  await factors.addCodes(
    { ...(await accounts.findById(account.id)) } as never,
    { seed, code: code() },
    { keep }
  )
  t.equal((await visitor.get('/api/session')).json().user, 'bob', 'the session goes on')
  t.same(await walk(visitor), ['401 LATCHKEY_SECOND_FACTOR_REQUIRED'])
  const reads = ({ method, url }: Route) => method === 'GET' && url.startsWith('/api')
  t.ok(addresses.filter(reads).length >= 6, 'the API has addresses to read at')

  clock.pass(30_000)
  const proved = await signedIn(bob, { code: code() })
  t.equal(
    (await proved.get(`/admin/people/${dave.id}/disable`)).statusCode,
    200,
    'with both the page is there'
  )
  clock.pass(11 * 60_000)
  t.same(
    await walk(proved, { wanted: isChange }),
    ['401 LATCHKEY_SECOND_FACTOR_REQUIRED'],
    'a stale proof changes nothing'
  )
  t.equal((await proved.get('/admin')).statusCode, 200, 'and is enough to look')
  t.same(await walk(proved, { wanted: reads }), ['200 '], 'in the API too')
  const pagesToRead = ({ method, url }: Route) =>
    method === 'GET' && /^\/admin(?!\/(people\/.*\/|inv))/.test(url)
  for (const { url } of addresses.filter((route) => reads(route) || pagesToRead(route))) {
    const { statusCode } = await proved.get(`${url}?limit=5&startsWith=b&of=a&of=b&constructor=c&force=true`)
    t.equal(statusCode, 200, `${url} leaves out what it does not know`)
  }

  clock.pass(30_000)
  const fresh = await signedIn(bob, { code: code() })
  const wanted = ({ method }: Route) => method !== 'GET'
  const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  t.same(await walk(fresh, { wanted, headers: elsewhere }), ['403 LATCHKEY_CROSS_SITE'])
  const { id } = await accountOf(app, 'carol')
  t.same(await walk(fresh, { wanted, body: { latchkeyUser: id } }), ['409 LATCHKEY_OTHER_USER'])
  const stale = { version: '7', name: 'dave' }
  const pages = ({ method, url }: Route) => method === 'POST' && url.startsWith('/admin/people/')
  t.same(await walk(fresh, { wanted: pages, body: stale }), ['200 '], 'as of an account that has changed')
  t.same(await walk(fresh, { wanted: pages, body: { name: 'david' } }), ['200 '], 'or was renamed')
})

t.test('who was an administrator when the session began is none any more', async (t) => {
  const visitor = await signedIn(carol)
  t.equal((await visitor.get('/admin')).statusCode, 200)
  await accounts.setRole('carol', 'user')
  t.same(await walk(visitor), ['401 LATCHKEY_SIGN_IN_REQUIRED'])
  await accounts.setRole('carol', 'admin')
})

t.test('after all that nothing has changed', async (t) => {
  const [now, then] = [await traces(), before].map((text) => text.replace(/\["(bob|carol)",\d+/g, '["$1"'))
  t.equal(now, then)
})
