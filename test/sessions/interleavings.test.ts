import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { connectRedis } from '../../src/redis/connect.ts'
import { CachedStore } from '../../src/sessions/cache/cached-store.ts'
import type { Invalidate, Invalidation } from '../../src/sessions/cache/invalidation.ts'
import { RedisInvalidation } from '../../src/sessions/cache/redis-invalidation.ts'
import { SqliteInvalidation } from '../../src/sessions/cache/sqlite-invalidation.ts'
import type { SessionStore, TextChange, Updated } from '../../src/sessions/session-store.ts'
import { RedisStore } from '../../src/sessions/stores/redis-store.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { eventually } from '../servers/eventually.ts'
import { patience } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'
import { steadyNow } from '../servers/true-clock.ts'
import { everyInterleavingIsRight, type OpenCaches, type OpenStores } from './interleavings.ts'

/** Different ones in each run. */
const numRuns = 100
/** A fault is found by chance, the rarest about once in 200 runs: run until it is found. */
const untilFound = { numRuns: 40 * numRuns }
/** Persistence does not matter here, and a busy disk would delay commands. */
const quick = ['--appendonly', 'no']

type Client = Awaited<ReturnType<typeof connectRedis>>

/** Overwrites, as connect-redis does. */
class PlainSet extends RedisStore {
  readonly redis: Client

  constructor(redis: Client) {
    super(redis)
    this.redis = redis
  }

  override async update(key: string, { to }: TextChange): Promise<Updated> {
    await this.redis.set(`sess:${key}`, to)
    return { outcome: 'stored', stored: { text: to, expiresAt: 0 } }
  }
}

/** Never recreates a session, but overwrites changes of others. */
class PlainSetIfThere extends PlainSet {
  override async update(key: string, { to }: TextChange): Promise<Updated> {
    const stored = await this.redis.set(`sess:${key}`, to, 'KEEPTTL', 'XX')
    return stored === 'OK' ? { outcome: 'stored', stored: { text: to, expiresAt: 0 } } : { outcome: 'gone' }
  }
}

async function onSqlite(t: Test): Promise<OpenStores> {
  const database = await openSqlite(':memory:')
  const store = new SqliteStore(database.sqlite, steadyNow)
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  return async () => {
    database.sqlite.exec('DELETE FROM sessions')
    return [store, store]
  }
}

async function connect(t: Test, url: string): Promise<Redis> {
  const redis = await connectRedis(url, { onLost: () => {}, onBack: () => {} }, patience)
  if (!(redis instanceof Redis)) throw new Error('not a lone Redis')
  t.teardown(() => redis.disconnect())
  return redis
}

async function onRedis(t: Test, Store: typeof RedisStore): Promise<OpenStores> {
  const { url } = await startRedis(t, ...quick)
  const redis = await connect(t, url)
  const store = new Store(redis)
  return async () => {
    await redis.flushall()
    return [store, store]
  }
}

/**
 * Faults of a cache: it ignores all notifications, or those during a write, or does not invalidate what it
 * ends itself.
 */
type Fault = 'deaf' | 'deaf while writing' | 'forgetful of its ends'

/** Two processes with a cache each. A change is complete when both have been notified. */
function caches(processes: readonly Process[], fault?: Fault) {
  let atOnce = 0
  const openCaches: OpenCaches = (stores, scheduler) => {
    const toldOf = async <T>(change: Promise<T>): Promise<T> => {
      const changed = await change
      await scheduler.schedule(Promise.all(processes.map(({ catchUp }) => catchUp())), 'all are told')
      return changed
    }
    return processes.map(({ changes }, index) => {
      let writing = 0
      const listen = (forget: Invalidate) =>
        changes.listen((key) => {
          if (fault !== 'deaf' && !(fault === 'deaf while writing' && writing > 0)) forget(key)
        })
      const heard = { listen, isCurrent: () => changes.isCurrent(), close: () => {} }
      const store = stores[index] as SessionStore
      const cached = new CachedStore({ store, invalidation: heard, maxEntries: 100 })
      const ending = fault === 'forgetful of its ends' ? store : cached
      return {
        peek: (key) => {
          const known = cached.peek(key)
          if (known) atOnce += 1
          return known
        },
        load: (key) => cached.load(key),
        page: (...words) => cached.page(...words),
        count: (...words) => cached.count(...words),
        create: (...words) => toldOf(cached.create(...words)),
        update: (...words) => {
          writing += 1
          const updated = cached.update(...words)
          return toldOf(
            updated.finally(() => {
              writing -= 1
            })
          )
        },
        touch: (...words) => toldOf(cached.touch(...words)),
        expire: (...words) => toldOf(cached.expire(...words)),
        revoke: (...words) => toldOf(ending.revoke(...words)),
        revokeOf: (...words) => toldOf(ending.revokeOf(...words)),
        revokeSome: (...words) => toldOf(ending.revokeSome(...words)),
        keys: () => cached.keys(),
        revokeEverything: () => toldOf(cached.revokeEverything()),
        close: async () => {}
      }
    })
  }
  return { openCaches, answeredAtOnce: () => atOnce }
}

interface Process {
  readonly store: SessionStore
  readonly changes: Invalidation
  readonly catchUp: () => Promise<void>
}

/** The second connection is reused; cached sessions do not outlive the sessions of a run. */
async function cachedOnRedis(t: Test, fault?: Fault) {
  const { url } = await startRedis(t, ...quick)
  const processes = await Promise.all([linkedProcess(t, url), linkedProcess(t, url)])
  const openStores: OpenStores = async () => {
    await processes[0].redis.flushall()
    await Promise.all(processes.map(({ catchUp }) => catchUp()))
    return [processes[0].store, processes[1].store]
  }
  return { openStores, ...caches(processes, fault) }
}

async function linkedProcess(t: Test, url: string) {
  const redis = await connect(t, url)
  const link = new RedisInvalidation(redis, 'sess:', { patience, now: () => 0 })
  t.teardown(() => link.close())
  let forgetNow: Invalidate = () => {}
  link.listen((key) => forgetNow(key))
  await eventually('a link', async () => link.isCurrent())
  const listen = (forget: Invalidate) => {
    forgetNow = forget
  }
  const changes = { listen, isCurrent: () => link.isCurrent(), close: () => {} }
  return { redis, store: new RedisStore(redis), changes, catchUp: () => link.catchUp() }
}

async function cachedOnSqlite(t: Test) {
  const file = `${t.testdir()}/latchkey.db`
  const processes = [await processOnFile(t, file), await processOnFile(t, file)] as const
  const openStores: OpenStores = async () => {
    processes[0].sqlite.exec('DELETE FROM sessions')
    return [processes[0].store, processes[1].store]
  }
  return { openStores, ...caches(processes) }
}

async function processOnFile(t: Test, file: string) {
  const { sqlite, close } = await openSqlite(file)
  const store = new SqliteStore(sqlite, steadyNow)
  t.teardown(async () => {
    await store.close()
    await close()
  })
  return { sqlite, store, changes: new SqliteInvalidation(sqlite), catchUp: turn }
}

t.test('over SQLite no interleaving of two clients loses or revives anything', async (t) => {
  await fc.assert(everyInterleavingIsRight(await onSqlite(t)), { numRuns })
  t.pass()
})

t.test('over Redis no interleaving of two clients loses or revives anything', async (t) => {
  await fc.assert(everyInterleavingIsRight(await onRedis(t, RedisStore)), { numRuns })
  t.pass()
})

for (const [where, open] of Object.entries({ 'on Redis': cachedOnRedis, 'on SQLite': cachedOnSqlite })) {
  t.test(`with a cache in each process no interleaving loses or revives anything, ${where}`, async (t) => {
    const { openStores, openCaches, answeredAtOnce } = await open(t)
    await fc.assert(everyInterleavingIsRight(openStores, openCaches), { numRuns })
    t.ok(answeredAtOnce() > numRuns / 10, `${answeredAtOnce()} reads were answered from the cache`)
  })
}

for (const fault of ['deaf', 'deaf while writing', 'forgetful of its ends'] as const) {
  t.test(`the test finds a cache that is ${fault}`, async (t) => {
    const { openStores, openCaches } = await cachedOnRedis(t, fault)
    const found = await fc.check(everyInterleavingIsRight(openStores, openCaches), untilFound)
    t.equal(found.failed, true)
    t.match(found.errorInstance, { message: /loaded after its end|was read with/ })
  })
}

for (const Fault of [PlainSet, PlainSetIfThere]) {
  t.test(`the test finds a ${Fault.name} in place of the compare-and-set`, async (t) => {
    const found = await fc.check(everyInterleavingIsRight(await onRedis(t, Fault)), untilFound)
    t.equal(found.failed, true)
    t.match(found.errorInstance, {
      message: /is back|holds .* and should hold|loaded after its end|was read with/
    })
  })
}
