import t from 'tap'
import { openSqlite } from '../../../src/database/sqlite.ts'
import { openSessionStore } from '../../../src/sessions/stores/open-store.ts'
import { readConfig } from '../../../src/settings/config.ts'
import { startRedis } from '../../servers/redis.ts'

const listener = { onLost: () => {}, onBack: () => {} }
const { lifetimes } = readConfig({})
const common = { redisPrefix: 'sess:', lifetimes, sessionCache: 0, storagePatience: 10_000 }
const session = { text: '{}', expiresAt: Date.now() + 24 * 3_600_000 }

t.test('with REDIS_URL sessions are in Redis, without a database', async (t) => {
  const redis = await startRedis(t)
  const config = { redisUrl: redis.url, ...common }
  const store = await openSessionStore({ config, database: undefined, listener })
  t.teardown(() => store.close())
  await store.create('key', session)
  t.equal(await redis.count(), 1)
})

t.test('without REDIS_URL sessions are in the embedded database', async (t) => {
  const database = await openSqlite(':memory:')
  const config = { redisUrl: undefined, ...common }
  const store = await openSessionStore({ config, database, listener })
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  await store.create('key', session)
  t.equal(database.sqlite.prepare('SELECT count(*) AS n FROM sessions').get()?.n, 1)
})

t.test('without Redis and without a database opening fails', async (t) => {
  const config = { redisUrl: undefined, ...common }
  const opening = openSessionStore({ config, database: undefined, listener })
  await t.rejects(opening, { code: 'LATCHKEY_CONFIG', message: /REDIS_URL is not set/ })
})
