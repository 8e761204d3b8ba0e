import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { alice, build, databaseFile, registerAlice, secret, Visitor } from '../../build.ts'
import { eventually } from '../../servers/eventually.ts'
import { startRedis } from '../../servers/redis.ts'
import { startService } from '../../servers/service.ts'

t.test('with the embedded database it is live and ready', async (t) => {
  const app = await build(t)
  const probe = new Visitor(app, 'program')
  t.same((await probe.get('/health/live')).json(), { live: true })
  const ready = await probe.get('/health/ready')
  t.equal(ready.statusCode, 200)
  t.match(ready.json(), {
    ready: true,
    accounts: 'The accounts database answers.',
    sessions: 'The session store answers.',
    milliseconds: { accounts: Number, sessions: Number }
  })
  t.equal(ready.headers['cache-control'], 'no-store')
  t.match(ready.headers['content-type'], 'application/json')
})

t.test('browsers get the same JSON, and their cookie stays', async (t) => {
  const browser = await registerAlice(await build(t))
  browser.cookies = { latchkey: 's:dead.cookie' }
  for (const url of ['/health/live', '/health/ready']) {
    const { headers, statusCode } = await browser.get(url)
    t.equal(statusCode, 200, url)
    t.match(headers['content-type'], 'application/json')
    t.notOk(headers['set-cookie'])
  }
})

t.test('while Redis is away it is live but not ready, and shows no address', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret } })
  const signedIn = await registerAlice(app)
  await redis.stop()

  t.equal((await signedIn.get('/health/live')).statusCode, 200)
  const ready = await signedIn.get('/health/ready')
  t.equal(ready.statusCode, 503)
  t.equal(ready.headers['retry-after'], '1')
  t.equal(ready.headers['cache-control'], 'no-store')
  t.match(ready.json(), {
    ready: false,
    accounts: 'The accounts database answers.',
    sessions: 'The session store does not answer.',
    milliseconds: { accounts: Number, sessions: Number }
  })
})

t.test('an accounts database that cannot answer is reported', async (t) => {
  const app = await build(t)
  const other = new DatabaseSync(databaseFile(app))
  other.exec('DROP TABLE accounts')
  other.close()
  const ready = await new Visitor(app, 'program').get('/health/ready')
  t.equal(ready.statusCode, 503)
  t.match(ready.json(), { ready: false, accounts: 'The accounts database does not answer.' })
})

t.test('started without its Redis it reports so, and becomes ready once Redis is there', async (t) => {
  const redis = await startRedis(t)
  await redis.stop()
  const env = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    REDIS_URL: redis.url,
    SESSION_SECRET: secret,
    REGISTRATION: 'open'
  }
  const service = await startService(t, { env })
  const ready = () => fetch(`${service.url}/health/ready`)
  const before = await ready()
  t.equal(before.status, 503)
  t.match(await before.json(), { ready: false, sessions: 'The session store does not answer.' })

  await redis.start()
  await eventually('readiness', async () => (await ready()).status === 200)

  const register = await fetch(`${service.url}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alice)
  })
  t.equal(register.status, 201)
  const cookie = register.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  t.equal((await fetch(`${service.url}/dashboard`, { headers: { cookie } })).status, 200)
})
