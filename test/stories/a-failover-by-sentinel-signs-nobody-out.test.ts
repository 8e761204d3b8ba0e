// group: many-servers
import t from 'tap'
import { askDashboard } from '../ask-dashboard.ts'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startSentinelSetup } from '../servers/redis-sentinel.ts'
import { asUser } from '../servers/redis-user.ts'

const setup = await startSentinelSetup(t)

t.test('without a master nobody can sign in or out, and with the new one everything recovers', async (t) => {
  const app = await build(t, { env: { REDIS_URL: asUser(setup.url), SESSION_SECRET: secret } })
  const browser = await registerAlice(app)
  const other = new Visitor(app, 'browser')
  await other.submit('/login', alice)
  const { cookies } = other
  const before = await setup.master()
  await setup.replicated()

  await before.stop()
  const refused = await new Visitor(app, 'browser').submit('/login', alice)
  t.equal(refused.statusCode, 503)
  t.same(refused.cookies, [])
  t.equal((await other.submit('/logout')).statusCode, 503, 'signing out is refused too')
  t.equal((await new Visitor(app, 'browser').get('/login')).statusCode, 200)

  const { counts, stop } = askDashboard(t, browser)
  await eventually('a refusal', () => counts.refused > 0)
  t.equal(counts.pages, 0)
  await setup.failOver()
  await eventually('a page from the new master', () => counts.pages > 0)
  await stop()

  other.cookies = cookies
  t.equal((await other.get('/dashboard')).statusCode, 200, 'still signed in')
  const signIn = () => new Visitor(app, 'browser').submit('/login', alice)
  await eventually('a sign-in at the new master', async () => (await signIn()).statusCode === 303)
  t.equal((await other.submit('/logout')).statusCode, 303)
  other.cookies = cookies
  t.equal((await other.get('/dashboard')).statusCode, 303, 'signed out for good')
})
