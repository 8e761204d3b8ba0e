// group: attackers
import t, { type Test } from 'tap'
import { alice, build, Visitor } from '../build.ts'
import { withoutChallenges } from '../without-challenges.ts'

const month = 31 * 24 * 60 * 60 * 1000
const anew = { ...alice, password: 'another horse battery' }

t.test('nobody can try more than a hundred passwords in a row, however patiently', async (t) => {
  const { app, atHome, signIn, guess, failedAttempts, pass } = await open(t)
  for (let months = 0; months < 6; months += 1) {
    for (let tries = 0; tries < 19; tries += 1) t.equal(await guess(), 401)
    pass(month)
  }
  t.equal(await failedAttempts(), 90, 'the last ten are reserved for known browsers')
  t.equal(await signIn(alice), 401, 'the right password is refused too')
  t.same(await lookOf(app, 'alice'), await lookOf(app, 'nancy'), 'the response does not reveal the account')

  t.equal((await atHome.submit('/login', alice)).statusCode, 303, 'a known browser can still sign in')
  t.equal(await failedAttempts(), 0)
  t.equal(await signIn(alice), 200, 'this resets the count for all')
})

t.test(
  'when known browsers are locked out too the page says so, and a new password unlocks it',
  async (t) => {
    const { app, atHome, signIn, failedAttempts, pass } = await open(t)
    for (let tries = 0; tries < 100; tries += 1) {
      if (tries % 5 === 0) pass(month)
      t.equal((await atHome.submit('/login', anew)).statusCode, 401)
    }
    pass(month)
    const closed = await atHome.submit('/login', alice)
    t.equal(closed.statusCode, 429)
    t.match(closed.body, 'There were too many failed attempts for this name.')
    t.equal(await signIn(alice), 401)
    t.equal(await failedAttempts(), 100)

    await app.latchkey.accounts.changePassword(anew)
    t.equal(await failedAttempts(), 0)
    t.equal(await signIn(anew), 200)
  }
)

t.test('unknown names leave nothing in the accounts database', async (t) => {
  const { app, guess } = await open(t)
  for (let tries = 0; tries < 10; tries += 1) t.equal(await guess(`person ${tries}`), 401)
  t.equal((await app.latchkey.accounts.list()).length, 1)
})

async function open(t: Test) {
  let time = Date.now()
  const app = await build(t, { now: () => time })
  await app.latchkey.accounts.add(alice)
  const atHome = new Visitor(app, 'browser')
  await atHome.submit('/login', alice)
  await atHome.submit('/logout')
  let places = 0
  /** Each time from another address, in an unknown browser. */
  const signIn = async (payload: typeof alice) => {
    places += 1
    const remoteAddress = `10.0.${places >> 8}.${places & 255}`
    return (await app.inject({ method: 'POST', url: '/login', remoteAddress, payload })).statusCode
  }
  return {
    app,
    atHome,
    signIn,
    guess: (username = alice.username) => signIn({ username, password: 'a guess like any other' }),
    failedAttempts: async () => (await app.latchkey.accounts.find('alice'))?.failedAttempts,
    pass: (milliseconds: number) => {
      time += milliseconds
    }
  }
}

/** The exact response that a stranger gets for a name. */
async function lookOf(app: Awaited<ReturnType<typeof build>>, username: string) {
  const { statusCode, headers, body } = await app.inject({
    method: 'POST',
    url: '/login',
    remoteAddress: '192.0.2.7',
    headers: { accept: 'text/html' },
    payload: { username, password: alice.password }
  })
  const { date, ...same } = headers
  return { statusCode, headers: same, body: withoutChallenges(body).replaceAll(username, 'somebody') }
}
