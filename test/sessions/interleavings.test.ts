import fc from 'fast-check'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { connectRedis } from '../../src/sessions/redis-connection.ts'
import { RedisSessions } from '../../src/sessions/redis-sessions.ts'
import type { SessionStore, TextChange, Updated } from '../../src/sessions/session-store.ts'
import { SqliteSessions } from '../../src/sessions/sqlite-sessions.ts'
import { startRedis } from '../servers/redis.ts'
import { everyInterleavingIsRight } from './interleavings.ts'

const numRuns = 200

type Client = Awaited<ReturnType<typeof connectRedis>>

/** Writes over whatever is there, as connect-redis does. */
class PlainSet extends RedisSessions {
  readonly redis: Client

  constructor(redis: Client) {
    super(redis)
    this.redis = redis
  }

  override async update(key: string, { to }: TextChange): Promise<Updated> {
    await this.redis.set(`sess:${key}`, to)
    return { outcome: 'stored' }
  }
}

/** Revives nothing, but still writes over what others wrote. */
class PlainSetIfThere extends PlainSet {
  override async update(key: string, { to }: TextChange): Promise<Updated> {
    const stored = await this.redis.set(`sess:${key}`, to, 'KEEPTTL', 'XX')
    return { outcome: stored === 'OK' ? 'stored' : 'gone' }
  }
}

async function onSqlite(t: Test): Promise<() => Promise<SessionStore>> {
  const database = await openSqlite(':memory:')
  const store = new SqliteSessions(database.sqlite)
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  return async () => {
    database.sqlite.exec('DELETE FROM sessions')
    return store
  }
}

async function onRedis(t: Test, Store: typeof RedisSessions): Promise<() => Promise<SessionStore>> {
  const { url } = await startRedis(t)
  const redis = await connectRedis(url, { onLost: () => {}, onBack: () => {} })
  const store = new Store(redis)
  t.teardown(() => store.close())
  return async () => {
    await redis.flushall()
    return store
  }
}

t.test('whatever two clients do at once on SQLite, nothing is lost and nothing comes back', async (t) => {
  await fc.assert(everyInterleavingIsRight(await onSqlite(t)), { numRuns })
  t.pass()
})

t.test('nor on Redis', async (t) => {
  await fc.assert(everyInterleavingIsRight(await onRedis(t, RedisSessions)), { numRuns })
  t.pass()
})

for (const Fault of [PlainSet, PlainSetIfThere]) {
  t.test(`a ${Fault.name} in place of the compare-and-set is found out`, async (t) => {
    const found = await fc.check(everyInterleavingIsRight(await onRedis(t, Fault)), { numRuns })
    t.equal(found.failed, true)
    t.match(found.errorInstance, { message: /is back|holds .* and should hold|loaded after its end/ })
  })
}
