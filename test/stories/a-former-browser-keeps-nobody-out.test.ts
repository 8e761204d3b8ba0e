// group: attackers
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { accountOf, alice, build, Visitor } from '../build.ts'

const anew = { ...alice, password: 'another horse battery' }
const wrong = { ...alice, password: 'not her password' }
const day = 24 * 60 * 60 * 1000

async function open(t: Test) {
  let time = Date.now()
  const routes = (app: FastifyInstance) =>
    app.get('/known', async (request) => ({ known: (await request.deviceFor('alice')) !== undefined }))
  const app = await build(t, { now: () => time, routes })
  await app.latchkey.accounts.add(alice)
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { app, pass }
}

async function signIn(app: FastifyInstance, credentials = alice) {
  const visitor = new Visitor(app, 'browser')
  const { statusCode } = await visitor.submit('/login', credentials)
  if (statusCode !== 303) throw new Error(`Signing in answered ${statusCode}`)
  return visitor
}

/** A browser with only the device cookie of another. */
function knownLike({ app, cookies }: Visitor) {
  const visitor = new Visitor(app, 'browser')
  visitor.cookies['latchkey-browser'] = cookies['latchkey-browser'] ?? ''
  return visitor
}

t.test('whoever once knew the password keeps nobody out after it was changed', async (t) => {
  const { app, pass } = await open(t)
  const owner = await signIn(app)
  const former: Visitor[] = []
  for (let n = 0; n < 20; n += 1) former.push(knownLike(await signIn(app)))
  const changed = await owner.submit('/account/password', {
    current: alice.password,
    password: anew.password
  })
  t.equal(changed.statusCode, 303)
  for (const browser of former)
    for (let tries = 0; tries < 5; tries += 1) await browser.submit('/login', wrong)
  t.equal((await owner.submit('/confirm', { password: anew.password })).statusCode, 303)
  pass(day)
  for (const browser of former)
    for (let tries = 0; tries < 5; tries += 1) await browser.submit('/login', wrong)
  t.equal((await owner.submit('/confirm', { password: anew.password })).statusCode, 303)
  t.equal((await knownLike(owner).submit('/login', anew)).statusCode, 303, 'and in a known browser')
})

t.test('signing out everywhere, by whatever way, ends every known browser of the account', async (t) => {
  const { app } = await open(t)
  const { sessions, accounts } = app.latchkey
  const ways: Record<string, (owner: Visitor) => Promise<unknown>> = {
    'the page': (owner) => owner.submit('/account/sessions/all'),
    'the page for others': (owner) => owner.submit('/account/sessions/others'),
    'the API': (owner) => owner.delete('/api/sessions'),
    'the API for others': (owner) => owner.delete('/api/sessions/others'),
    'an administrator or the command': async () => sessions.revokeAllOf(await accountOf(app)),
    disabling: async () => [await accounts.disable('alice'), await accounts.enable('alice')],
    'a new role': () => accounts.setRole('alice', 'admin')
  }
  for (const [way, end] of Object.entries(ways)) {
    const browser = knownLike(await signIn(app))
    t.equal(await isKnown(browser), true)
    await end(await signIn(app))
    t.equal(await isKnown(browser), false, way)
  }
})

t.test('ending the other sessions leaves this browser known', async (t) => {
  const { app } = await open(t)
  for (const path of ['/account/sessions/others', '/account/password']) {
    const owner = await signIn(app)
    await owner.submit(path, { current: alice.password, password: alice.password.toUpperCase() })
    t.equal(await isKnown(knownLike(owner)), true, path)
  }
})

t.test('a former owner’s browser is a stranger to the next owner of the name', async (t) => {
  const { app } = await open(t)
  const former = await signIn(app)
  const browser = knownLike(former)
  t.equal((await former.submit('/account/remove')).statusCode, 200)
  await app.latchkey.accounts.add(anew)
  t.equal(await isKnown(browser), false)
})

t.test('a session that guesses its owner’s password is told to sign in again', async (t) => {
  const { app, pass } = await open(t)
  const owner = await signIn(app)
  const guess = () => owner.submit('/confirm', { password: wrong.password })
  let held = await guess()
  for (let tries = 0; tries < 100 && !held.body.includes('since you signed in'); tries += 1) {
    pass(15 * 60 * 1000)
    await owner.get('/dashboard')
    held = await guess()
  }
  t.match(held.body, 'There were too many failed attempts since you signed in. Sign out and sign in again.')
  t.equal((await app.latchkey.accounts.find('alice'))?.failedAttempts, 0)
  const elsewhere = await signIn(app)
  t.equal((await elsewhere.submit('/confirm', { password: alice.password })).statusCode, 303)
})

async function isKnown(browser: Visitor): Promise<boolean> {
  return (await browser.get('/known')).json().known
}
