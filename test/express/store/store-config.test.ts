import t from 'tap'
import { accountsWarnings, readStoreConfig } from '../../../src/express/store/store-config.ts'
import { parseEnvFile } from '../../../src/settings/env-file.ts'

t.test('a store alone reads only its own settings from the environment', async (t) => {
  const environment = { PORT: 'a pipe', LOG_LEVEL: 'verbose', SESSION_SECRET: 'short', SESSION_IDLE: '1h' }
  t.match(readStoreConfig({ ...environment, REDIS_URL: 'redis://localhost' }), {
    redisUrl: 'redis://localhost',
    lifetimes: { idle: 3_600_000 },
    sessionIds: 'hashed'
  })
  t.throws(() => readStoreConfig({ SESSION_IDLE: 'soon' }), { message: /SESSION_IDLE is "soon"/ })
})

t.test('a cut-off or blank setting of the store is refused, and no other', async (t) => {
  const lost = parseEnvFile(
    'REDIS_URL=redis-sentinel://a,b/0#sessions\nREGISTRATION=#closed\nREDIS_URI=x'
  ).lost
  t.throws(() => readStoreConfig({ REDIS_URL: 'redis-sentinel://a,b/0', SITE_NAME: ' ' }, lost), {
    message: /:\n {2}- REDIS_URL in line 1 of \.env is cut off at the #.*$/
  })
  t.throws(() => readStoreConfig({ REDIS_URL: ' ' }), { message: /REDIS_URL contains only spaces/ })
})

t.test('without the accounts database the start says what is not promised', async (t) => {
  const warningsOf = (environment: Record<string, string>) => accountsWarnings(readStoreConfig(environment))
  const redis = { REDIS_URL: 'redis://localhost' }
  t.match(warningsOf(redis), [/^ACCOUNTS_URL is not set: .*come back until the service ends them again/])
  t.match(warningsOf({ REDIS_URL: 'redis-cluster://localhost' }), [/does not ask what has ended/])
  t.same(warningsOf({ ...redis, ACCOUNTS_URL: 'file:accounts.db' }), [])
  t.same(warningsOf({ DATABASE_URL: 'file:app.db' }), [])
})
