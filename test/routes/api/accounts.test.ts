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
  t.match(first, { accounts: [{ name: 'alice' }], next: 'alice' })
  const second = (await admin.get(`/api/accounts?limit=1&after=${first.next}`)).json()
  t.match(second, { accounts: [{ name: 'Bøb' }] })
  const third = await admin.get(`/api/accounts?limit=1&after=${encodeURIComponent(second.next)}`)
  t.same(third.json(), { accounts: [], next: null })
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
  t.same((await admin.put(name, { name: 'Robert' })).json(), { id, name: 'Robert', formerName: 'Bøb' })
  t.match((await admin.put(name, { name: 'Rob' })).json(), { status: 404, code: 'LATCHKEY_NO_SUCH_ACCOUNT' })
  t.match((await user.get('/api/session')).json(), { id, user: 'Robert' }, 'the session goes on')
  const by = { kind: 'account', id: (await accountOf(app)).id, name: 'alice' }
  const event = {
    event: 'account-rename',
    name: 'Robert',
    formerName: 'Bøb',
    account: id,
    by,
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
