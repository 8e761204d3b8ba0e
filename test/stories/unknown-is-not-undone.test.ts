// group: many-servers
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { startSlowProxy } from '../servers/slow-proxy.ts'

const changed = 'a wholly different phrase'
const postgres = await startPostgres(t)
const redis = await startRedis(t)

async function overPostgres(t: Test, prefix: string) {
  const url = new URL(await postgres.newDatabase())
  const proxy = await startSlowProxy(t, Number(url.port))
  url.port = String(proxy.port)
  const stores = { DATABASE_URL: url.href, REDIS_URL: redis.url, REDIS_PREFIX: prefix }
  const app = await build(t, { env: { ...stores, SESSION_SECRET: secret, STORAGE_PATIENCE: '3s' } })
  await app[services].accounts.add(alice)
  const signIn = async (password = alice.password) => {
    const visitor = new Visitor(app, 'program')
    const { statusCode } = await visitor.post('/login', { ...alice, password })
    return { visitor, statusCode }
  }
  return { app, proxy, signIn }
}

const codeOf = async (visitor: Visitor) => (await visitor.get('/api/session')).statusCode

t.test(
  'a changed password whose statement was lost may have been changed, and nobody is told otherwise',
  async (t) => {
    const { proxy, signIn } = await overPostgres(t, 'statement:')
    const [{ visitor: laptop }, { visitor: phone }] = [await signIn(), await signIn()]
    proxy.holdAt('set "password_hash" = $1, "version"')
    const answer = await laptop.put('/api/password', { current: alice.password, password: changed })
    t.equal(answer.statusCode, 503)
    t.match(answer.json(), { code: 'LATCHKEY_CHANGE_UNKNOWN', detail: /may have been made/ })
    proxy.release()
    const password = await eventually('a password', async () => {
      for (const each of [alice.password, changed]) if ((await signIn(each)).statusCode < 400) return each
      return undefined
    })
    const expected = password === changed ? 401 : 200
    await eventually('what belongs to it', async () => (await codeOf(phone)) === expected)
    t.equal(await codeOf(phone), expected)
  }
)

t.test('a change whose answer was lost ends the sessions', async (t) => {
  const { app, proxy, signIn } = await overPostgres(t, 'answer:')
  const { visitor } = await signIn()
  t.equal(await codeOf(visitor), 200)
  // The answer alone is in capitals.
  proxy.holdAt('COMMIT')
  await t.rejects(app[services].accounts.setRole('alice', 'admin'), { code: 'LATCHKEY_CHANGE_UNKNOWN' })
  proxy.release()
  await eventually('the end of the session', async () => (await codeOf(visitor)) === 401)
  t.match(await eventually('an account', () => app[services].accounts.find('alice')), { role: 'admin' })
})

t.test('an account that may have been removed is removed again', async (t) => {
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret } })
  const { accounts } = app[services]
  await accounts.add(alice)
  const visitor = new Visitor(app, 'program')
  await visitor.post('/login', alice)
  redis.pause()
  await t.rejects(accounts.remove('alice'), { code: 'LATCHKEY_CHANGE_UNKNOWN' })
  await t.rejects(
    accounts.remove('alice'),
    { code: 'LATCHKEY_CHANGE_UNKNOWN' },
    'not: nobody is called alice'
  )
  redis.resume()
  await eventually('an answer', async () => !(await accounts.remove('alice')).ok)
  await accounts.add(alice)
  t.equal((await visitor.get('/api/session')).statusCode, 401, 'nothing of it is the next one’s')
})
