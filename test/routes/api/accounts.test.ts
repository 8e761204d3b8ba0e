import t, { type Test } from 'tap'
import { services } from '../../../src/open-services.ts'
import { signedInCookies } from '../../../src/testing.ts'
import { accountOf, alice, build } from '../../build.ts'
import { somePasskey } from '../../factors/examples.ts'
import { setUpCodes, TestClock } from '../../second-factors.ts'
import { ApiClient } from './api-client.ts'

const bob = { ...alice, username: 'Bøb' }

async function withPeople(t: Test) {
  const clock = new TestClock()
  const app = await build(t, { now: clock.now })
  await app.latchkey.accounts.add(alice, 'admin')
  await app.latchkey.accounts.add(bob)
  const admin = new ApiClient(t, app)
  const user = new ApiClient(t, app)
  admin.visitor.cookies = await signedInCookies(app, 'alice', { factors: 2 })
  await user.post('/api/session', bob)
  const pass = (milliseconds: number) => clock.pass(milliseconds)
  return { app, clock, admin, user, pass }
}

t.test('an administrator can list accounts page by page', async (t) => {
  const { admin } = await withPeople(t)
  t.match((await admin.get('/api/accounts')).json(), {
    accounts: [
      { name: 'alice', role: 'admin' },
      { name: 'Bøb', role: 'user', disabledAt: null }
    ],
    next: null
  })
  const first = (await admin.get('/api/accounts?limit=1')).json()
  t.match(first, { accounts: [{ name: 'alice' }], next: String })
  const second = (await admin.get(`/api/accounts?limit=1&after=${first.next}`)).json()
  t.match(second, { accounts: [{ name: 'Bøb' }], next: null })
  for (const [search, names] of [
    ['startsWith=B%C3%98', ['Bøb']],
    ['sort=created&direction=ascending', ['alice', 'Bøb']],
    ['sort=last-sign-in', ['Bøb', 'alice']],
    ['direction=descending', ['Bøb', 'alice']]
  ] as const) {
    const { accounts } = (await admin.get(`/api/accounts?${search}`)).json()
    t.same(
      accounts.map(({ name }: { name: string }) => name),
      names,
      search
    )
  }
  for (const wrong of ['sort=age', 'after=x', `after=${first.next}&sort=created`])
    t.match((await admin.get(`/api/accounts?${wrong}`)).json(), { code: 'LATCHKEY_BAD_INPUT' }, wrong)
  t.match((await admin.get('/api/accounts?limit=0')).json(), { status: 400, code: 'LATCHKEY_BAD_INPUT' })
})

t.test('disabling an account signs it out at once and blocks it until it is enabled', async (t) => {
  const { app, admin, user } = await withPeople(t)
  const name = encodeURIComponent('BØB')
  t.same((await admin.post(`/api/accounts/${name}/disable`)).json(), { sessionsEnded: 1 })
  t.equal((await user.get('/api/session')).statusCode, 401)
  t.match((await user.post('/api/session', bob)).json(), { code: 'LATCHKEY_WRONG_CREDENTIALS' })
  t.match((await admin.get('/api/accounts')).json().accounts[1], {
    disabledAt: String,
    failedAttempts: 1,
    closedTo: null
  })

  t.match((await admin.post(`/api/accounts/${name}/enable`)).json(), {
    name: 'Bøb',
    disabledAt: null,
    failedAttempts: 0
  })
  t.equal((await user.post('/api/session', bob)).statusCode, 200)
  t.same((await admin.delete(`/api/accounts/${name}/sessions`)).json(), { sessionsEnded: 1 })
  t.equal((await user.get('/api/session')).statusCode, 401)
  const trail = await app.latchkey.audit.list((await accountOf(app, 'Bøb')).id, 10)
  for (const event of ['account-disable', 'account-enable', 'sessions-end'])
    t.match(
      trail.find((entry) => entry.event === event),
      { by: { kind: 'account', id: (await accountOf(app)).id, name: 'alice' }, session: undefined },
      event
    )
})

t.test('an administrator can rename an account, and everybody their own', async (t) => {
  const { app, admin, user } = await withPeople(t)
  const { id } = await accountOf(app, 'Bøb')
  const name = '/api/accounts/b%C3%B8b/name'
  t.match((await admin.put(name, { name: 'ALICE' })).json(), { status: 409, code: 'LATCHKEY_NAME_TAKEN' })
  t.match((await admin.put(name, { name: ' ' })).json(), { status: 400, code: 'LATCHKEY_BAD_INPUT' })
  t.same((await admin.put(name, { name: 'Robert', reason: 'asked' })).json(), {
    id,
    name: 'Robert',
    formerName: 'Bøb'
  })
  t.match((await admin.put(name, { name: 'Rob' })).json(), { status: 404, code: 'LATCHKEY_NO_SUCH_ACCOUNT' })
  t.match((await user.get('/api/session')).json(), { id, user: 'Robert' }, 'the session goes on')
  const by = { kind: 'account', id: (await accountOf(app)).id, name: 'alice' }
  const event = {
    event: 'account-rename',
    name: 'Robert',
    formerName: 'Bøb',
    account: id,
    by,
    reason: 'asked',
    session: undefined
  }
  t.match(await app.latchkey.audit.list(id, 1), [event])

  const own = (current: string, name = 'Rob') => user.put('/api/name', { current, name })
  t.match((await own('a guess')).json(), { status: 401, code: 'LATCHKEY_WRONG_CREDENTIALS' })
  t.match((await own(bob.password, 'alice')).json(), { status: 409, code: 'LATCHKEY_NAME_TAKEN' })
  t.same((await own(bob.password)).json(), { id, name: 'Rob', formerName: 'Robert' })
  t.match((await app.latchkey.audit.list(id, 1))[0]?.by, undefined)
  for (let tries = 0; tries < 9; tries += 1) await own(bob.password, 'alice')
  t.match(
    (await own(bob.password, 'free')).json(),
    { status: 429, code: 'LATCHKEY_THROTTLED' },
    'as when registering'
  )
})

t.test('only administrators can use it, even to look', async (t) => {
  const { app, admin, user, pass } = await withPeople(t)
  const nobody = new ApiClient(t, app)
  const code = (answer: { json(): { code: string } }) => answer.json().code
  for (const [client, refusal] of [
    [user, 'LATCHKEY_ROLE_REQUIRED'],
    [nobody, 'LATCHKEY_SIGN_IN_REQUIRED']
  ] as const) {
    t.equal(code(await client.get('/api/accounts')), refusal)
    t.equal(code(await client.post('/api/accounts/alice/disable')), refusal)
    t.equal(code(await client.post('/api/accounts/alice/enable')), refusal)
    t.equal(code(await client.delete('/api/accounts/alice/sessions')), refusal)
    t.equal(code(await client.put('/api/accounts/alice/name', { name: 'al' })), refusal)
  }
  t.equal(code(await admin.post('/api/accounts/ALICE/disable')), 'LATCHKEY_OWN_ACCOUNT')
  t.equal(code(await admin.post('/api/accounts/nobody/disable')), 'LATCHKEY_NO_SUCH_ACCOUNT')
  t.equal(code(await admin.post('/api/accounts/nobody/enable')), 'LATCHKEY_NO_SUCH_ACCOUNT')
  t.equal(code(await admin.delete('/api/accounts/nobody/sessions')), 'LATCHKEY_NO_SUCH_ACCOUNT')
  pass(11 * 60_000)
  t.equal(code(await admin.post('/api/accounts/alice/disable')), 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP')
  t.equal((await admin.get('/api/session')).statusCode, 200)
})

t.test('an administrator can drop second factors with a reason, and never their own', async (t) => {
  const { app, clock, admin, user } = await withPeople(t)
  const { accounts, factors } = app[services]
  const bobs = (await accounts.find('Bøb'))!
  await factors.addPasskey(bobs, somePasskey)
  t.match((await admin.get('/api/accounts')).json().accounts[1], { secondFactors: 1 })
  const path = '/api/accounts/b%C3%B8b/drop-factors'
  const reason = 'Lost the phone; known by voice.'
  t.equal((await user.post(path, { reason })).statusCode, 401, 'the first factor signed out')
  await admin.post('/api/session', alice)
  t.match((await admin.post(path, { reason })).json(), { code: 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP' })
  const phone = await setUpCodes(app, clock)
  await admin.post('/api/session', { ...alice, code: phone.code() })
  for (const none of ['', '  ', 'x'.repeat(201)])
    t.match((await admin.post(path, { reason: none })).json(), { code: 'LATCHKEY_BAD_INPUT' })
  t.match((await admin.post('/api/accounts/ALICE/drop-factors', { reason })).json(), {
    code: 'LATCHKEY_OWN_ACCOUNT'
  })
  t.match((await admin.post('/api/accounts/nobody/drop-factors', { reason })).json(), {
    code: 'LATCHKEY_NO_SUCH_ACCOUNT'
  })
  t.same((await admin.post(path, { reason })).json(), { sessionsEnded: 0 })
  t.match(await accounts.find('Bøb'), { secondFactors: 0, version: 3 })
  const [event] = await app.latchkey.audit.list(bobs.id, 1)
  t.match(event, { event: 'factors-drop', reason, by: { name: 'alice' } })
  clock.pass(11 * 60 * 1000)
  t.equal((await admin.post(path, { reason })).statusCode, 401)
})

t.test('an administrator sees one person, does what has to be done, and finds it in the trail', async (t) => {
  const { app, admin, user } = await withPeople(t)
  const { tokens } = app[services]
  const { id } = await accountOf(app, 'Bøb')
  const path = '/api/accounts/b%C3%B8b'
  const reason = 'Asked by telephone.'
  const code = (answer: { json(): { code: string } }) => answer.json().code
  const program = { name: 'backup', hosts: '', forApi: true, days: 1 }
  for (let n = 0; n < 2; n += 1) await tokens.make(id, program)
  const person = (await admin.get(path)).json()
  t.match(person, {
    account: { id, name: 'Bøb', email: null, signedInAt: String },
    lastSeenAt: String,
    sessions: [{ session: String, isThis: false }],
    factors: { codesAddedAt: null, passkeys: [], recoveryCodesLeft: 0 },
    groupNames: [],
    tokens: [{ tokenName: 'backup' }, { tokenName: 'backup' }],
    events: [{ event: 'sign-in' }]
  })
  const [{ session }] = person.sessions
  t.equal((await admin.delete(`${path}/sessions/${session}`)).statusCode, 204)
  t.equal((await admin.delete(`${path}/sessions/${session}`)).statusCode, 404)
  t.equal((await user.get('/api/session')).statusCode, 401)
  t.equal((await admin.delete(`${path}/tokens/${person.tokens[0].token}`)).statusCode, 204)
  t.equal((await admin.delete(`${path}/tokens/${person.tokens[0].token}`)).statusCode, 404)
  t.equal((await admin.delete(`${path}/tokens`)).statusCode, 204)
  t.equal((await admin.post(`${path}/open`, { reason })).statusCode, 200)
  t.same((await admin.put(`${path}/role`, { role: 'admin', reason })).json(), { sessionsEnded: 0 })
  t.equal((await admin.put(`${path}/role`, { role: 'user', reason })).statusCode, 200)
  t.match((await admin.post(`${path}/link`, { reason })).json(), { url: /\/reset\?token=[\w-]{43}$/ })
  t.equal(code(await admin.post(`${path}/link`, { dropFactors: true })), 'LATCHKEY_BAD_INPUT')
  t.equal(code(await admin.post(`${path}/disable`, { reason: '' })), 'LATCHKEY_BAD_INPUT')
  await admin.post(`${path}/disable`, { reason })
  t.equal(code(await admin.post(`${path}/link`, { reason })), 'LATCHKEY_ACCOUNT_DISABLED')
  for (const own of ['/api/accounts/alice', '/api/accounts/alice/role', '/api/accounts/alice/link']) {
    const answer = own.endsWith('alice')
      ? admin.delete(own)
      : own.endsWith('role')
        ? admin.put(own, { role: 'user' })
        : admin.post(own)
    t.equal(code(await answer), 'LATCHKEY_OWN_ACCOUNT', own)
  }
  t.same((await admin.delete(path)).json(), { sessionsEnded: 0 })
  t.equal((await admin.get(path)).statusCode, 404)

  const events = async (query: string) => {
    const { events } = (await admin.get(`/api/audit?${query}`)).json()
    return events.map(({ event }: { event: string }) => event)
  }
  t.same(await events('by=alice&event=role-change'), ['role-change', 'role-change'])
  t.match((await admin.get(`/api/audit?person=${id}&event=account-remove&limit=1`)).json(), {
    events: [{ event: 'account-remove', name: 'Bøb', account: id, actor: 'account', by: 'alice' }],
    next: null
  })
  const said = (await admin.get(`/api/audit?person=${id}&event=account-open`)).json().events
  t.match(said, [{ reason, address: '127.0.0.1' }])
  t.same(await events('from=2999-01-01T00:00:00Z'), [])
  t.same(await events('to=2000-01-01T00:00:00Z'), [])
  const all: string[] = []
  for (let after = ''; ; ) {
    const page = (await admin.get(`/api/audit?limit=3${after && `&after=${after}`}`)).json()
    all.push(...page.events.map(({ event }: { event: string }) => event))
    if (!page.next) break
    after = page.next
  }
  t.same(all, await events('limit=1000'))
  const noDay = 'to=2026-02-31T12:00:00Z'
  for (const wrong of ['from=yesterday', noDay, 'after=x', 'limit=0'])
    t.equal(code(await admin.get(`/api/audit?${wrong}`)), 'LATCHKEY_BAD_INPUT', wrong)
  for (const method of ['/api/audit', path])
    t.equal(code(await user.get(method)), 'LATCHKEY_SIGN_IN_REQUIRED')
})
