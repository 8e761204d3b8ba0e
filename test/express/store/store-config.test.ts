import t from 'tap'
import { readStoreConfig } from '../../../src/express/store/store-config.ts'

t.test('keeping sessions alone looks at nothing else in the environment of an application', async (t) => {
  const environment = { PORT: 'a pipe', LOG_LEVEL: 'verbose', SESSION_SECRET: 'short', SESSION_IDLE: '1h' }
  t.match(readStoreConfig({ ...environment, REDIS_URL: 'redis://localhost' }), {
    redisUrl: 'redis://localhost',
    lifetimes: { idle: 3_600_000 },
    sessionIds: 'hashed'
  })
  t.throws(() => readStoreConfig({ SESSION_IDLE: 'soon' }), { message: /SESSION_IDLE is "soon"/ })
})
