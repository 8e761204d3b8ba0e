import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, countSessions, registerAlice, Visitor } from '../../build.ts'

const minute = 60_000
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

async function signedIn(app: FastifyInstance, userAgent: string) {
  const visitor = new Visitor(app, 'browser')
  await visitor.submit('/login', alice, { headers: { 'user-agent': userAgent } })
  return visitor
}

/** Alice in this browser, in Firefox and with a program, and a clock. */
async function open(t: Test) {
  let time = Date.now()
  const app = await build(t, { now: () => time })
  const here = await registerAlice(app)
  const laptop = await signedIn(app, firefox)
  const script = await signedIn(app, 'curl/8.5.0')
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { app, here, laptop, script, pass }
}

/** The session id in the cookie. */
const idOf = ({ cookies }: Visitor) => /^s:(.+)\./.exec(cookies.latchkey ?? '')?.[1] ?? ''

/** The ways to end a session that a page offers. */
const waysIn = (body: string) =>
  [...body.matchAll(/href="(\/account\/sessions\/[\w-]{32})"/g)].map(([, way = '']) => way)
const isIn = async (visitor: Visitor) => (await visitor.get('/dashboard')).statusCode === 200

async function wayToEnd(visitor: Visitor, device: string) {
  const { body } = await visitor.get('/account/sessions')
  const card = body.split('<li>').find((card) => card.includes(device)) ?? ''
  return waysIn(card)[0] ?? ''
}

t.test('lists this session and the others, with browser, address and time', async (t) => {
  const { here } = await open(t)
  const { body } = await here.get('/account/sessions')
  t.match(body, 'Firefox on Linux')
  t.match(body, 'curl')
  t.match(body, '127.0.0.1')
  t.equal(body.match(/You are here\./g)?.length, 1)
  t.equal(waysIn(body).length, 2, 'this one is ended by signing out')
  t.ok(body.indexOf('You are here') < body.indexOf('Firefox'), 'this one first')
})

t.test('many sessions come in pages of 25, with links to the next and the previous one', async (t) => {
  const { app, here, pass } = await open(t)
  const { id: account } = await accountOf(app)
  const record = { cookie: { originalMaxAge: null }, user: 'alice', account, epoch: 1, userAgent: firefox }
  for (let more = 0; more < 57; more += 1) await app[services].sessions.create(`session ${more}`, record)
  pass(2 * minute)
  const handlesIn = (body: string) =>
    [...body.matchAll(/<h2 id="([0-9a-f]{32})"/g)].map(([, handle]) => handle)
  const link = (body: string, rel: string) => new RegExp(`rel="${rel}" href="([^"]+)"`).exec(body)?.[1] ?? ''

  const first = await here.get('/account/sessions')
  t.match(first.body, 'You are here.')
  t.match(first.body, '60 sessions.')
  t.equal(handlesIn(first.body).length, 25)
  t.equal(link(first.body, 'prev'), '')
  const second = await here.get(link(first.body, 'next'))
  const third = await here.get(link(second.body, 'next'))
  t.equal(link(third.body, 'next'), '')
  const shown = [first, second, third].flatMap(({ body }) => handlesIn(body))
  t.equal(shown.length, 60)
  t.equal(new Set(shown).size, 60, 'each once')
  t.same(handlesIn((await here.get(link(third.body, 'prev'))).body), handlesIn(second.body))
  const back = await here.get(link(second.body, 'prev'))
  t.same(handlesIn(back.body), handlesIn(first.body))
  t.equal(link(back.body, 'prev'), '', 'the first page')
  t.equal(link(back.body, 'next'), link(first.body, 'next'))

  const program = new Visitor(app, 'program')
  program.cookies = here.cookies
  t.match((await program.get('/account/sessions/others')).json(), { others: 59 })
  const after = new URL(link(second.body, 'next'), 'http://localhost').search
  await app[services].sessions.revokeAllOf(await accountOf(app), idOf(here))
  const empty = await here.get(`/account/sessions${after}`)
  t.match(empty.body, 'There are no more sessions here.')
  t.equal(link(empty.body, 'prev'), '/account/sessions')
  t.equal((await here.get('/account/sessions?after=%27')).statusCode, 400)
  t.equal((await here.get('/account/sessions?limit=101')).statusCode, 200, 'the page has no such parameter')
  const { body } = await here.get('/account/sessions?after=1.1')
  t.match(body, 'There are no more sessions here.')
  t.notMatch(body, '0 sessions', 'sessions on other pages count')
})

t.test('contains nothing that opens a session', async (t) => {
  const { here, laptop } = await open(t)
  const { body } = await here.get('/account/sessions')
  const id = idOf(laptop)
  const halves = id.split('.')
  t.equal(halves.length, 2)
  for (const half of halves) t.notOk(body.includes(half), half)
})

t.test('returns the same as JSON for a program', async (t) => {
  const { app } = await open(t)
  const program = new Visitor(app, 'program')
  await program.post('/login', alice)
  const { sessions } = (await program.get('/account/sessions')).json()
  t.equal(sessions.length, 4)
  t.match(sessions[0], { isThis: true, remembered: false, address: '127.0.0.1', handle: /^[0-9a-f]{32}$/ })
  const curl = sessions.find(({ browser }: { browser?: string }) => browser === 'curl')
  t.same((await program.post(`/account/sessions/${curl.handle}`)).json(), { ended: 1 })
  t.same((await program.post(`/account/sessions/${curl.handle}`)).json(), { ended: 0 })
  t.same((await program.get('/account/sessions/others')).json(), { others: 2 })
  t.same((await program.post('/account/sessions/others')).json(), { ended: 2 })
  t.same((await program.get('/account/sessions/all')).json(), { sessions: 1, tokens: 0 })
  t.same((await program.post('/account/sessions/all')).json(), { ended: 1 })
  t.equal((await program.get('/dashboard')).statusCode, 401)
})

t.test('one session is ended after a question, and no other', async (t) => {
  const { here, laptop, script } = await open(t)
  const way = await wayToEnd(here, 'Firefox')
  const question = await here.get(way)
  t.match(question.body, 'End this session?')
  t.match(question.body, 'Firefox on Linux')
  t.ok(await isIn(laptop), 'looking changes nothing')

  t.equal((await here.submit(way)).headers.location, '/account/sessions')
  t.match((await here.get('/account/sessions')).body, 'The session has been ended.')
  t.same([await isIn(laptop), await isIn(script), await isIn(here)], [false, true, true])

  await here.submit(way)
  t.match((await here.get('/account/sessions')).body, 'That session had already ended.')
  t.equal((await here.get(way)).statusCode, 404)
})

t.test('all others can be ended at once', async (t) => {
  const { here, laptop, script } = await open(t)
  t.match((await here.get('/account/sessions/others')).body, 'There are 2 other sessions.')
  t.equal((await here.submit('/account/sessions/others')).headers.location, '/account/sessions')
  t.match((await here.get('/account/sessions')).body, '2 other sessions have been ended.')
  t.same([await isIn(laptop), await isIn(script), await isIn(here)], [false, false, true])
})

t.test('signing out everywhere leaves no session and no cookie', async (t) => {
  const { app, here, laptop } = await open(t)
  t.match((await here.get('/account/sessions/all')).body, 'Sign out everywhere?')
  const { headers, cookies } = await here.submit('/account/sessions/all')
  t.equal(headers.location, '/login?signedOut')
  t.match(cookies, [{ name: 'latchkey', value: '', maxAge: 0 }])
  t.equal(countSessions(app), 0)
  t.notOk(await isIn(laptop))
})

t.test('ending this session signs out', async (t) => {
  const { here } = await open(t)
  const program = new Visitor(here.app, 'program')
  program.cookies = here.cookies
  const own = (await program.get('/account/sessions')).json().sessions[0].handle
  t.equal((await here.get(`/account/sessions/${own}`)).headers.location, '/logout')
  await here.submit(`/account/sessions/${own}`)
  t.notOk(await isIn(here))
})

t.test('ending sessions needs a recent re-authentication, which leads back to the question', async (t) => {
  const { here, laptop, pass } = await open(t)
  const way = await wayToEnd(here, 'Firefox')
  pass(11 * minute)
  t.equal((await here.get('/account/sessions')).statusCode, 200, 'looking does not')
  for (const url of [way, '/account/sessions/others', '/account/sessions/all']) {
    const proof = `/confirm?next=${encodeURIComponent(url)}`
    t.equal((await here.get(url)).headers.location, proof)
    t.equal((await here.submit(url)).headers.location, proof)
  }
  t.ok(await isIn(laptop))
  const proof = { password: alice.password, next: way }
  t.equal((await here.submit('/confirm', proof)).headers.location, way)
  await here.submit(way)
  t.notOk(await isIn(laptop))
})

t.test('nobody can see or end another person’s sessions', async (t) => {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  const here = await registerAlice(app)
  const bob = new Visitor(app, 'browser')
  await bob.submit('/register', { ...alice, username: 'bob' })
  const elsewhere = new Visitor(app, 'browser')
  await elsewhere.submit('/login', alice)
  const [way = ''] = waysIn((await here.get('/account/sessions')).body)

  t.equal(waysIn((await bob.get('/account/sessions')).body).length, 0)
  t.equal((await bob.get(way)).statusCode, 404)
  await bob.submit(way)
  await bob.submit('/account/sessions/others')
  await bob.submit('/account/sessions/all')
  t.ok(await isIn(elsewhere))
  t.ok(await isIn(here))
})

t.test('the audit trail names who ended each session', async (t) => {
  const { app, here } = await open(t)
  const way = await wayToEnd(here, 'Firefox')
  await here.submit(way)
  await here.submit('/account/sessions/others')
  const entries = await app.latchkey.audit.list((await accountOf(app)).id, 10)
  const ended = entries.find(({ event }) => event === 'session-end')
  t.equal(`/account/sessions/${ended?.session}`, way)
  t.ok(entries.some(({ event }) => event === 'sessions-end'))
})
