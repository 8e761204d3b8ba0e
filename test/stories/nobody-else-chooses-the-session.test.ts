// group: attackers
import { createHmac } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { alice, build, countSessions, databaseFile, secret, Visitor } from '../build.ts'

const mallory = { username: 'mallory', password: 'purple monkey dishwasher' }
/** In the form and length of real ones. */
const madeUp = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

async function start(t: Parameters<typeof build>[0]) {
  const app = await build(t, {
    env: { SESSION_SECRET: secret },
    routes: (app) => {
      app.post('/basket', async ({ session }) => {
        Reflect.set(session, 'basket', 'full')
        return { kept: true }
      })
      app.get('/basket', async ({ session }) => ({ basket: Reflect.get(session, 'basket') ?? null }))
    }
  })
  await app.latchkey.accounts.add(alice)
  await app.latchkey.accounts.add(mallory)
  return app
}

function sign(id: string, key: string): string {
  return `s:${id}.${createHmac('sha256', key).update(id).digest('base64').replace(/=+$/, '')}`
}

t.test('an attacker’s id is never accepted, signed or not', async (t) => {
  const app = await start(t)
  const planted = [
    `s:${madeUp}.${'A'.repeat(43)}`,
    `s:${madeUp}`,
    madeUp,
    sign(madeUp, 'a guess of thirty-two characters'),
    // Even an id with a valid signature, for a session that does not exist.
    sign(madeUp, secret)
  ]
  for (const value of planted) {
    const browser = new Visitor(app, 'browser')
    browser.cookies = { latchkey: value }
    t.equal((await browser.get('/dashboard')).statusCode, 303, 'signs nobody in')
    browser.cookies = { latchkey: value }
    const { cookies } = await browser.submit('/login', alice)
    t.notMatch(decodeURIComponent(cookies.at(-1)?.value ?? ''), madeUp)
    t.equal((await browser.get('/dashboard')).statusCode, 200)
    browser.cookies = { latchkey: value }
    t.equal((await browser.get('/dashboard')).statusCode, 303, 'nor afterwards')
  }
})

t.test('a planted cookie beside the real one signs nobody else in', async (t) => {
  const app = await start(t)
  const [hers, his] = [new Visitor(app, 'program'), new Visitor(app, 'program')]
  await hers.post('/login', alice)
  await his.post('/login', mallory)
  const cookie = (...values: (string | undefined)[]) =>
    values.map((value) => `latchkey=${encodeURIComponent(value ?? '')}`).join('; ')
  for (const both of [
    cookie(`s:${madeUp}.x`, hers.cookies.latchkey),
    cookie(hers.cookies.latchkey, `s:${madeUp}.x`)
  ]) {
    const response = await app.inject({ url: '/dashboard', headers: { cookie: both } })
    t.ok([200, 401].includes(response.statusCode))
    t.notMatch(response.body, 'mallory')
  }
})

t.test('a session from before signing in is not valid afterwards', async (t) => {
  const app = await start(t)
  const browser = new Visitor(app, 'program')
  await browser.post('/basket')
  const before = { ...browser.cookies }
  t.ok(before.latchkey, 'there was one')

  t.equal((await browser.post('/login', alice)).statusCode, 200)
  t.not(browser.cookies.latchkey, before.latchkey)
  const attacker = new Visitor(app, 'program')
  attacker.cookies = { ...before }
  t.equal((await attacker.get('/dashboard')).statusCode, 401)
  attacker.cookies = { ...before }
  t.same((await attacker.get('/basket')).json(), { basket: null }, 'it is gone, not only signed out')
  t.equal(countSessions(app), 1)
})

t.test('whoever plants their own signed-in session does not share the next one', async (t) => {
  const app = await start(t)
  const attacker = new Visitor(app, 'program')
  await attacker.post('/login', mallory)
  const victim = new Visitor(app, 'program')
  victim.cookies = { ...attacker.cookies }
  await victim.post('/login', alice)

  t.equal((await attacker.get('/dashboard')).statusCode, 401, 'the planted session ended')
  t.same((await victim.get('/dashboard')).json(), { user: 'alice' })
})

t.test('signing in again ends the old session, and a wrong password does not', async (t) => {
  const app = await start(t)
  const browser = new Visitor(app, 'program')
  await browser.post('/login', alice)
  const first = { ...browser.cookies }

  t.equal((await browser.post('/login', { ...mallory, password: 'wrong' })).statusCode, 401)
  t.same((await browser.get('/dashboard')).json(), { user: 'alice' })
  await browser.post('/login', mallory)
  t.same((await browser.get('/dashboard')).json(), { user: 'mallory' })
  browser.cookies = first
  t.equal((await browser.get('/dashboard')).statusCode, 401)
  t.equal(countSessions(app), 1)
})

t.test('the id exists only in the cookie: not in storage, not in any response', async (t) => {
  const app = await start(t)
  const browser = new Visitor(app, 'browser')
  const signedIn = await browser.submit('/login', alice)
  const [, id = ''] = /^s:([^.]+\.[^.]+)\./.exec(decodeURIComponent(browser.cookies.latchkey ?? '')) ?? []
  t.match(id, /^[\w-]{22}\.[\w-]{22}$/, 'two halves of 128 bits (ASVS 7.2.3)')
  t.notMatch(`${signedIn.body} ${signedIn.headers.location}`, id)
  for (const url of ['/', '/dashboard', '/logout']) t.notMatch((await browser.get(url)).body, id)

  const database = new DatabaseSync(databaseFile(app), { readOnly: true })
  const stored = JSON.stringify(database.prepare('SELECT * FROM sessions').all())
  for (const half of id.split('.')) t.notOk(stored.includes(half))
  database.close()
})
