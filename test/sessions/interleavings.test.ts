import fc from 'fast-check'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { CachedSessions, type Forget } from '../../src/sessions/cached-sessions.ts'
import { RedisChanges } from '../../src/sessions/redis-changes.ts'
import { connectRedis } from '../../src/sessions/redis-connection.ts'
import { RedisSessions } from '../../src/sessions/redis-sessions.ts'
import type { SessionStore, TextChange, Updated } from '../../src/sessions/session-store.ts'
import { SqliteSessions } from '../../src/sessions/sqlite-sessions.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'
import { everyInterleavingIsRight, type OpenCaches } from './interleavings.ts'

const numRuns = 200
/** Nothing here is about what survives a crash, and a busy disk would make commands late. */
const quick = ['--appendonly', 'no']

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

/** With more patience than the service has: what is late on a busy machine is not wrong. */
async function connect(t: Test): Promise<Redis> {
  const { url } = await startRedis(t, ...quick)
  const redis = await connectRedis(url, { onLost: () => {}, onBack: () => {} })
  if (!(redis instanceof Redis)) throw new Error('not a lone Redis')
  redis.options.commandTimeout = 10_000
  return redis
}

async function onRedis(t: Test, Store: typeof RedisSessions): Promise<() => Promise<SessionStore>> {
  const redis = await connect(t)
  const store = new Store(redis)
  t.teardown(() => store.close())
  return async () => {
    await redis.flushall()
    return store
  }
}

/** Two processes with a cache each. A change is over when every process has been told of it. */
async function cachedOnRedis(t: Test, { isDeaf = false } = {}) {
  const redis = await connect(t)
  const links = [0, 1].map(() => new RedisChanges(redis, 'sess:'))
  const forgetting: Forget[] = []
  let atOnce = 0
  for (const [index, link] of links.entries()) link.listen((key) => !isDeaf && forgetting[index]?.(key))
  t.teardown(() => {
    for (const link of links) link.close()
    redis.disconnect()
  })
  await eventually('two links', async () => links.every((link) => link.areTold()))

  const toldOf = async <T>(change: Promise<T>): Promise<T> => {
    const changed = await change
    await Promise.all(links.map((link) => link.catchUp()))
    return changed
  }
  const openCaches: OpenCaches = (store) =>
    links.map((link, index) => {
      const changes = {
        listen: (forget: Forget) => {
          forgetting[index] = forget
        },
        areTold: () => link.areTold(),
        catchUp: () => link.catchUp(),
        close: () => {}
      }
      const cached = new CachedSessions({ store, changes, entries: 100 })
      return {
        peek: (key) => {
          const known = cached.peek(key)
          if (known) atOnce += 1
          return known
        },
        load: (key) => cached.load(key),
        listByUser: (name) => cached.listByUser(name),
        create: (...words) => toldOf(cached.create(...words)),
        update: (...words) => toldOf(cached.update(...words)),
        touch: (...words) => toldOf(cached.touch(...words)),
        end: (...words) => toldOf(cached.end(...words)),
        endAll: (...words) => toldOf(cached.endAll(...words)),
        keys: () => cached.keys(),
        endEvery: () => toldOf(cached.endEvery()),
        close: async () => {}
      }
    })
  const openStore = async () => {
    await redis.flushall()
    return new RedisSessions(redis)
  }
  return { openStore, openCaches, answeredAtOnce: () => atOnce }
}

t.test('whatever two clients do at once on SQLite, nothing is lost and nothing comes back', async (t) => {
  await fc.assert(everyInterleavingIsRight(await onSqlite(t)), { numRuns })
  t.pass()
})

t.test('nor on Redis', async (t) => {
  await fc.assert(everyInterleavingIsRight(await onRedis(t, RedisSessions)), { numRuns })
  t.pass()
})

t.test('nor where each keeps what it read', async (t) => {
  const { openStore, openCaches, answeredAtOnce } = await cachedOnRedis(t)
  await fc.assert(everyInterleavingIsRight(openStore, openCaches), { numRuns })
  t.ok(answeredAtOnce() > numRuns / 10, `${answeredAtOnce()} reads were answered from what was kept`)
})

t.test('a cache that nobody tells is found out', async (t) => {
  const { openStore, openCaches } = await cachedOnRedis(t, { isDeaf: true })
  const found = await fc.check(everyInterleavingIsRight(openStore, openCaches), { numRuns })
  t.equal(found.failed, true)
  t.match(found.errorInstance, { message: /loaded after its end/ })
})

for (const Fault of [PlainSet, PlainSetIfThere]) {
  t.test(`a ${Fault.name} in place of the compare-and-set is found out`, async (t) => {
    const found = await fc.check(everyInterleavingIsRight(await onRedis(t, Fault)), { numRuns })
    t.equal(found.failed, true)
    t.match(found.errorInstance, { message: /is back|holds .* and should hold|loaded after its end/ })
  })
}
