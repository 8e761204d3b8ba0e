import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { alice, build, databaseFile, registerAlice, secret, Visitor } from '../../build.ts'
import { eventually } from '../../servers/eventually.ts'
import { askRedis, startRedis } from '../../servers/redis.ts'
import { startService } from '../../servers/service.ts'
import { emptyDatabase } from '../../servers/shared-postgres.ts'

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

t.test('while PostgreSQL is read-only it is not ready, because nobody can sign in', async (t) => {
  const DATABASE_URL = await emptyDatabase(t)
  const redis = await startRedis(t)
  const app = await build(t, { env: { DATABASE_URL, REDIS_URL: redis.url, SESSION_SECRET: secret } })
  const signedIn = await registerAlice(app)
  const ready = () => new Visitor(app, 'program').get('/health/ready')
  const name = new URL(DATABASE_URL).pathname.slice(1)
  t.teardown(() => change('RESET default_transaction_read_only'))
  await change('SET default_transaction_read_only = on')
  await eventually('read-only', async () => {
    return (await ready()).json().accounts === 'The accounts database takes no writes.'
  })
  t.equal((await ready()).statusCode, 503)
  t.equal((await new Visitor(app, 'browser').submit('/login', alice)).statusCode, 503)
  t.equal((await signedIn.get('/dashboard')).statusCode, 200)
  await change('RESET default_transaction_read_only')
  await eventually('ready', async () => (await ready()).statusCode === 200)

  /** As for a failover to a replica: the connections that are open break. */
  async function change(setting: string) {
    const client = new pg.Client({ connectionString: DATABASE_URL })
    await client.connect()
    await client.query('SET default_transaction_read_only = off')
    await client.query(`ALTER DATABASE "${name}" ${setting}`)
    await client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
      [name]
    )
    await client.end()
  }
})

t.test('while Redis is full it is not ready', async (t) => {
  const redis = await startRedis(t)
  const app = await build(t, { env: { REDIS_URL: redis.url, SESSION_SECRET: secret } })
  const signedIn = await registerAlice(app)
  const ready = () => new Visitor(app, 'program').get('/health/ready')
  await askRedis(Number(new URL(redis.url).port), 'CONFIG', 'SET', 'maxmemory', 1)
  await eventually('a session store that takes no writes', async () => {
    const { ready: is, sessions } = (await ready()).json()
    return !is && sessions === 'The session store takes no writes.'
  })
  t.equal((await new Visitor(app, 'browser').submit('/login', alice)).statusCode, 503)
  t.equal((await signedIn.get('/dashboard')).statusCode, 200)
  await askRedis(Number(new URL(redis.url).port), 'CONFIG', 'SET', 'maxmemory', 0)
  await eventually('readiness', async () => (await ready()).statusCode === 200)
})

t.test('checks leave nothing behind: no session, no counter that lasts', async (t) => {
  const app = await build(t)
  const writes = t.capture(app[services].sessions, 'checkWritable', app[services].sessions.checkWritable)
  for (let asked = 0; asked < 3; asked += 1)
    await Promise.all(Array.from({ length: 7 }, () => new Visitor(app, 'program').get('/health/ready')))
  const count = writes().length
  t.ok(count > 0 && count < 3, 'however often anybody asks')
  const other = new DatabaseSync(databaseFile(app))
  t.same(other.prepare('SELECT key FROM sessions').all(), [])
  t.same(other.prepare('SELECT key FROM attempts').all(), [])
  other.close()
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
