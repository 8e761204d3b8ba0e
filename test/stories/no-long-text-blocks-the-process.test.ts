// group: attackers
import t from 'tap'
import { build, registerAlice, Visitor } from '../build.ts'

/** Reordering so many accents takes a second, in which no other request is answered. */
const accents = '\u0301\u0316'.repeat(8000)

t.test('a name or password of thousands of accents costs no more than any other', async (t) => {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  const alice = await registerAlice(app, 'program')
  const stranger = new Visitor(app, 'program')
  const long = { username: accents, password: accents }
  const normalized = t.capture(String.prototype, 'normalize', String.prototype.normalize)

  t.equal((await stranger.post('/login', long)).statusCode, 401)
  t.equal((await stranger.post('/login', { ...long, username: 'alice' })).statusCode, 401)
  t.equal((await stranger.post('/api/session', long)).statusCode, 401)
  t.equal((await stranger.post('/register', long)).statusCode, 400)
  t.equal((await stranger.post('/register', { ...long, username: 'bob' })).statusCode, 400)
  t.equal((await alice.post('/confirm', { password: accents })).statusCode, 401)
  t.equal((await alice.post('/account/password', { current: accents, password: accents })).statusCode, 401)

  const longest = Math.max(...normalized().map(({ receiver }) => String(receiver).length))
  t.ok(longest > 0 && longest <= 2048, `${longest} characters in one call`)
})
