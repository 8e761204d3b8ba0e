import t, { type Test } from 'tap'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, Visitor } from '../../build.ts'
import { ApiClient } from './api-client.ts'

const other = { ...alice, username: 'bob' }

async function signedIn(t: Test, env = {}) {
  let time = Date.now()
  const app = await build(t, { now: () => time, env })
  await app.latchkey.accounts.add(alice)
  await app.latchkey.accounts.add(other)
  const clients = Array.from({ length: 3 }, () => new ApiClient(t, app))
  for (const client of clients) await client.post('/api/session', alice)
  const bob = new ApiClient(t, app)
  await bob.post('/api/session', other)
  const [laptop, phone, tablet] = clients as [ApiClient, ApiClient, ApiClient]
  const isIn = async (client: ApiClient) => (await client.get('/api/session')).statusCode === 200
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { app, laptop, phone, tablet, bob, isIn, pass }
}

t.test('a user can list their sessions and end one, the others or all', async (t) => {
  const { app, laptop, phone, tablet, bob, isIn } = await signedIn(t)
  const { sessions } = (await laptop.get('/api/sessions')).json()
  t.equal(sessions.length, 3)
  t.match(
    sessions.filter(({ isThis }: { isThis: boolean }) => isThis),
    [{ session: (await laptop.get('/api/session')).json().session, address: '127.0.0.1' }]
  )

  const { session } = (await phone.get('/api/session')).json()
  t.equal((await bob.delete(`/api/sessions/${session}`)).statusCode, 404, 'another user’s cannot be ended')
  t.equal((await laptop.delete(`/api/sessions/${session}`)).statusCode, 204)
  t.equal((await laptop.delete(`/api/sessions/${session}`)).statusCode, 404)
  t.same([await isIn(phone), await isIn(laptop)], [false, true])

  t.same((await laptop.delete('/api/sessions/others')).json(), { sessionsEnded: 1 })
  t.same([await isIn(tablet), await isIn(laptop)], [false, true])
  await phone.post('/api/session', alice)
  t.same((await laptop.delete('/api/sessions')).json(), { sessionsEnded: 2 })
  t.equal(laptop.visitor.cookies.latchkey, undefined)
  t.same([await isIn(phone), await isIn(laptop), await isIn(bob)], [false, false, true])
  t.match(await app.latchkey.audit.list((await accountOf(app)).id, 1), [{ event: /^sign-out|sessions-end$/ }])
})

t.test('sessions come in pages', async (t) => {
  const { app, laptop } = await signedIn(t)
  const { id: account } = await accountOf(app)
  const record = { cookie: { originalMaxAge: null }, user: 'alice', account, epoch: 1 }
  for (let more = 0; more < 47; more += 1) await app[services].sessions.create(`session ${more}`, record)
  const first = (await laptop.get('/api/sessions')).json()
  t.equal(first.sessions.length, 25)
  const second = (await laptop.get(`/api/sessions?after=${first.next}`)).json()
  t.equal(second.sessions.length, 25)
  t.equal(second.next, null)
  const handles = [...first.sessions, ...second.sessions].map(({ session }) => session)
  t.equal(new Set(handles).size, 50, 'each once')
  const whole = (await laptop.get('/api/sessions?limit=100')).json()
  t.same(
    whole.sessions.map(({ session }: { session: string }) => session),
    handles
  )
  for (const query of ['after=x', 'after=', 'limit=0', 'limit=101', 'limit=x'])
    t.equal((await laptop.get(`/api/sessions?${query}`)).statusCode, 400, query)
})

t.test('beyond a thousand it is said that more sessions were ended', async (t) => {
  const { app, laptop } = await signedIn(t, { SESSIONS_PER_ACCOUNT: '0' })
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  const fill = async (count: number) => {
    const { id: account, version: epoch } = (await app[services].accounts.find('alice'))!
    const record = { cookie: { originalMaxAge: null }, user: 'alice', account, epoch }
    const ids = Array.from({ length: count }, (_, index) => `session ${index} of ${count}`)
    await Promise.all(ids.map((id) => app[services].sessions.create(id, record)))
  }
  await fill(997)
  t.same((await laptop.delete('/api/sessions/others')).json(), { sessionsEnded: 1000 })
  await fill(1001)
  t.same((await laptop.delete('/api/sessions/others')).json(), { sessionsEnded: 1000, more: true })
  await browser.submit('/login', alice)
  await fill(1002)
  await browser.submit('/account/sessions/others')
  t.match((await browser.get('/account/sessions')).body, 'More than 1000 other sessions have been ended.')
  await fill(1003)
  const form = { current: alice.password, password: 'a wholly different phrase' }
  await browser.submit('/account/password', form)
  t.match((await browser.get('/account')).body, 'More than 1000 other sessions have been ended.')
})

t.test('ending sessions needs a re-authentication within ten minutes', async (t) => {
  const { laptop, phone, pass } = await signedIn(t)
  pass(11 * 60_000)
  const { session } = (await phone.get('/api/session')).json()
  for (const url of [`/api/sessions/${session}`, '/api/sessions/others', '/api/sessions'])
    t.match((await laptop.delete(url)).json(), { code: 'LATCHKEY_RECENT_PROOF_REQUIRED' })
  t.equal((await laptop.get('/api/sessions')).json().sessions.length, 3)
})

t.test('changing the password needs the old one and ends every other session', async (t) => {
  const { laptop, phone, isIn } = await signedIn(t)
  const password = 'a wholly different phrase'
  const wrong = await laptop.put('/api/password', { current: 'wrong', password })
  t.match(wrong.json(), { code: 'LATCHKEY_WRONG_CREDENTIALS' })
  const short = await laptop.put('/api/password', { current: alice.password, password: 'short' })
  t.match(short.json(), { status: 400, code: 'LATCHKEY_BAD_INPUT', detail: /has 5 characters/ })
  const before = { ...laptop.visitor.cookies }

  const changed = await laptop.put('/api/password', { current: alice.password, password })
  t.same(changed.json(), { sessionsEnded: 2 })
  t.same([await isIn(phone), await isIn(laptop)], [false, true])
  t.not(laptop.visitor.cookies.latchkey, before.latchkey)
  t.equal((await phone.post('/api/session', alice)).statusCode, 401)
  t.equal((await phone.post('/api/session', { ...alice, password })).statusCode, 200)
})
