import { setImmediate as turn } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openSqlite } from '../../../src/database/sqlite.ts'
import { connectRedis } from '../../../src/redis/connect.ts'
import { CachedStore } from '../../../src/sessions/cache/cached-store.ts'
import type { Invalidate, Invalidation } from '../../../src/sessions/cache/invalidation.ts'
import { RedisInvalidation } from '../../../src/sessions/cache/redis-invalidation.ts'
import { SqliteInvalidation } from '../../../src/sessions/cache/sqlite-invalidation.ts'
import type { SessionStore, StoredSession, TextChange, Updated } from '../../../src/sessions/session-store.ts'
import { RedisStore } from '../../../src/sessions/stores/redis-store.ts'
import { SqliteStore } from '../../../src/sessions/stores/sqlite-store.ts'
import { eventually } from '../../servers/eventually.ts'
import { patience } from '../../servers/patience.ts'
import { startRedis } from '../../servers/redis.ts'
import { keepsTheContract } from '../session-store.contract.ts'

const server = await startRedis(t)
const day = 24 * 3_600_000
const maxEntries = 100
const session = (user = 'alice') => ({
  text: `{"user":"${user}"}`,
  expiresAt: Date.now() + day,
  owner: user
})

/** Without what the cache notes. */
function asStored(session: StoredSession | undefined): StoredSession | undefined {
  return session && { text: session.text, expiresAt: session.expiresAt }
}

/** As a request reads: from the cache, or else from the store. */
function readingThroughCache(cached: CachedStore, now: () => number): SessionStore {
  async function load(key: string): Promise<StoredSession | undefined> {
    const known = cached.peek(key)
    if (!known) return asStored(await cached.load(key))
    return known.expiresAt > now() ? asStored(known) : undefined
  }
  return new Proxy<SessionStore>(cached, {
    get(store, method) {
      if (method === 'load') return load
      const step = Reflect.get(store, method)
      return typeof step === 'function' ? step.bind(store) : step
    }
  })
}

async function onRedis(t: Test, url = server.url) {
  const redis = (await connectRedis(url, { onLost: () => {}, onBack: () => {} }, patience)) as Redis
  const store = new RedisStore(redis)
  // With a frozen clock, because on a busy machine the cache would be off for a while.
  const invalidation = new RedisInvalidation(redis, store.prefix, { patience, now: () => 0 })
  const cached = new CachedStore({ store, invalidation, maxEntries })
  t.teardown(() => cached.close())
  await eventually('a link', () => invalidation.isCurrent())
  return { redis, cached, changes: invalidation }
}

/** A notification of the last change may arrive during the read, whose result is then not cached. */
async function kept(cached: CachedStore): Promise<void> {
  await eventually('a session that is kept', async () => {
    await cached.load('key')
    return cached.peek('key') !== undefined
  })
}

async function onSqlite(t: Test, file = ':memory:', now = Date.now) {
  const database = await openSqlite(file)
  const store = new SqliteStore(database.sqlite, now)
  const invalidation = new SqliteInvalidation(database.sqlite)
  const cached = new CachedStore({ store, invalidation, maxEntries })
  t.teardown(async () => {
    await cached.close()
    await database.close()
  })
  return cached
}

t.test('cached, over Redis', async (t) => {
  keepsTheContract(t, async (t) => {
    const { cached, redis } = await onRedis(t)
    await redis.flushall()
    return { store: readingThroughCache(cached, server.now), now: server.now, until: server.until }
  })
})

t.test('cached, over SQLite', async (t) => {
  keepsTheContract(t, async (t) => {
    let now = Date.now()
    const store = readingThroughCache(await onSqlite(t, ':memory:', () => now), () => now)
    const until = async (then: number) => {
      now = Math.max(now, then)
    }
    return { store, now: () => now, until }
  })
})

t.test('a session is cached once it has been read, and a missing one is not', async (t) => {
  for (const cached of [(await onRedis(t)).cached, await onSqlite(t)]) {
    const { owner: _, ...stored } = session()
    await cached.create('key', stored)
    t.equal(cached.peek('key'), undefined)
    await kept(cached)
    t.same(asStored(cached.peek('key')), stored)
    t.equal(await cached.load('never'), undefined)
    t.equal(cached.peek('never'), undefined)
    await cached.revoke('key')
  }
})

t.test('after its own change a process never reads the earlier state', async (t) => {
  for (const cached of [(await onRedis(t)).cached, await onSqlite(t)]) {
    const stored = session()
    const known = () => kept(cached)
    await cached.create('key', stored)
    await known()
    await cached.update('key', { from: stored.text, to: '{}' })
    t.same(asStored(cached.peek('key')), { text: '{}', expiresAt: stored.expiresAt }, 'update')
    await cached.update('key', { from: stored.text, to: '{"never":1}' })
    t.equal(cached.peek('key'), undefined, 'a conflicting update')
    await known()
    await cached.touch('key', { expiresAt: stored.expiresAt + day })
    t.equal(cached.peek('key'), undefined, 'touch')
    await known()
    await cached.revokeSome('alice')
    t.equal(cached.peek('key'), undefined, 'revokeSome')
    await cached.create('key', stored)
    await known()
    await cached.revokeEverything()
    t.equal(cached.peek('key'), undefined, 'revokeEverything')
    await cached.create('key', stored)
    await known()
    await cached.revoke('key')
    t.equal(cached.peek('key'), undefined, 'revoke')
  }
})

t.test('Redis reports changes by other processes, expiry, eviction and FLUSHALL', async (t) => {
  const { cached, redis } = await onRedis(t)
  const other = await onRedis(t)
  const waysToGo: Record<string, () => Promise<unknown>> = {
    update: () => other.cached.update('key', { from: session().text, to: '{}' }),
    touch: () => other.cached.touch('key', { expiresAt: Date.now() + day }),
    end: () => other.cached.revoke('key'),
    endAll: () => other.cached.revokeSome('alice'),
    expiry: () => other.redis.pexpireat('sess:key', server.now() + 20),
    'another program': () => other.redis.set('sess:key', '{}'),
    'a script': () => other.redis.eval("redis.call('DEL', KEYS[1])", 1, 'sess:key'),
    // With a comma in the key, as an app that shares the store may have.
    'several at once': () => other.redis.mset('sess:key', '{}', 'sess:a,b', '{}'),
    FLUSHALL: () => other.redis.flushall(),
    eviction: async () => {
      await redis.config('SET', 'maxmemory-policy', 'allkeys-random')
      await redis.config('SET', 'maxmemory', '1')
    }
  }
  for (const [way, go] of Object.entries(waysToGo)) {
    await cached.create('key', session())
    await cached.load('key')
    await eventually(
      'to be kept',
      async () => cached.peek('key') !== undefined || !(await cached.load('key'))
    )
    await go()
    await eventually(way, async () => cached.peek('key') === undefined)
    await redis.config('SET', 'maxmemory', '0')
    await redis.flushall()
  }
  t.pass('each was reported')
})

t.test('a write of another process to the embedded database is seen by the next read', async (t) => {
  const file = `${t.testdir()}/latchkey.db`
  const [one, two] = [await onSqlite(t, file), await onSqlite(t, file)]
  await one.create('key', session())
  await one.load('key')
  t.ok(one.peek('key'))
  await two.revoke('key')
  await turn()
  t.equal(one.peek('key'), undefined)
  t.equal(await one.load('key'), undefined)
})

t.test('a session that changes while it is read is not cached', async (t) => {
  const slow = await slowStore(t)
  const invalidation = new ToldByHand()
  const cached = new CachedStore({ store: slow, invalidation, maxEntries })
  const meanwhile: Record<string, () => unknown> = {
    'told of it': () => invalidation.forget('key'),
    'told of everything': () => invalidation.forget(),
    'ended here': () => cached.revoke('key'),
    'the link broke and is back': () => invalidation.forget()
  }
  for (const [title, change] of Object.entries(meanwhile)) {
    const reading = cached.load('key')
    await change()
    slow.answer(session())
    t.ok(await reading)
    t.equal(cached.peek('key'), undefined, title)
  }
  invalidation.isTelling = false
  const unheard = cached.load('key')
  invalidation.isTelling = true
  slow.answer(session())
  await unheard
  t.equal(cached.peek('key'), undefined, 'nor one requested while the invalidation was off')

  const [first, second] = [cached.load('key'), cached.load('key')]
  slow.answer(session())
  slow.answer(session())
  await Promise.all([first, second])
  t.ok(cached.peek('key'), 'of two concurrent reads one is cached')
})

t.test('a written session is cached unless it may have changed meanwhile', async (t) => {
  const slow = await slowStore(t)
  const invalidation = new ToldByHand()
  const cached = new CachedStore({ store: slow, invalidation, maxEntries })
  const { owner: _, ...before } = session()
  const write = (to = '{}') => cached.update('key', { from: before.text, to })
  const read = async () => {
    const reading = cached.load('key')
    slow.answer(before)
    await reading
  }
  await read()
  const undisturbed = write()
  t.same(asStored(cached.peek('key')), before, 'until the write is acknowledged the earlier state is cached')
  slow.store('stored')
  await undisturbed
  t.equal(cached.peek('key')?.text, '{}')

  const meanwhile: Record<string, () => unknown> = {
    'told of it': () => invalidation.forget('key'),
    'told of everything': () => invalidation.forget(),
    'ended here': () => cached.revoke('key'),
    'ended with all of its person': async () => {
      await slow.create('key', session())
      await cached.revokeSome('alice')
    },
    'put off': () => cached.touch('key', { expiresAt: before.expiresAt + day }),
    'everybody ended here': () => cached.revokeEverything()
  }
  for (const [title, change] of Object.entries(meanwhile)) {
    await read()
    const writing = write()
    await change()
    slow.store('stored')
    await writing
    t.equal(cached.peek('key'), undefined, title)
  }

  for (const outcome of ['gone', 'conflict', 'failed'] as const) {
    await read()
    const writing = write()
    slow.store(outcome)
    await writing.catch(() => {})
    t.equal(cached.peek('key'), undefined, outcome)
  }

  const both = [write('{"n":1}'), write('{"n":2}')]
  slow.store('stored')
  slow.store('stored')
  await Promise.all(both)
  t.equal(cached.peek('key'), undefined, 'after two concurrent writes neither is cached')

  await read()
  const [reading, writing] = [cached.load('key'), write()]
  slow.store('stored')
  await writing
  slow.answer(before)
  await reading
  t.equal(cached.peek('key')?.text, '{}', 'an earlier read does not replace it')

  const [writing2, reading2] = [write('{"n":3}'), cached.load('key')]
  slow.store('stored')
  await writing2
  slow.answer(before)
  await reading2
  t.equal(cached.peek('key'), undefined, 'a later read may have been quicker, so nothing is cached')

  invalidation.isTelling = false
  const unheard = write()
  invalidation.isTelling = true
  slow.store('stored')
  await unheard
  t.equal(cached.peek('key'), undefined, 'nothing is cached while the invalidation is off')
})

t.test('a failed revokeSome leaves nothing cached', async (t) => {
  const slow = await slowStore(t)
  const cached = new CachedStore({ store: slow, invalidation: new ToldByHand(), maxEntries })
  const reading = cached.load('key')
  slow.answer(session())
  await reading
  slow.revokeSome = () => Promise.reject(new Error('half-way'))
  await t.rejects(cached.revokeSome('alice'), { message: 'half-way' })
  t.equal(cached.peek('key'), undefined)
})

t.test('the cache is limited in sessions and characters, and keeps the last read', async (t) => {
  const slow = await slowStore(t)
  const cached = new CachedStore({ store: slow, invalidation: new ToldByHand(), maxEntries: 10 })
  const read = async (key: string, text: string) => {
    const reading = cached.load(key)
    slow.answer({ ...session(), text })
    await reading
  }
  for (let n = 0; n < 11; n++) await read(`${n}`, '{}')
  t.equal(cached.peek('0'), undefined)
  t.ok(cached.peek('9'))
  await read('large', JSON.stringify({ x: 'x'.repeat(33 * 1024 * 1024) }))
  t.equal(cached.peek('large'), undefined)
})

async function slowStore(t: Test): Promise<SlowStore> {
  const database = await openSqlite(':memory:')
  const store = new SlowStore(database.sqlite)
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  return store
}

/** Answers when told to. */
class SlowStore extends SqliteStore {
  readonly #waiting: ((stored: StoredSession) => void)[] = []
  readonly #writing: ((outcome: Updated['outcome'] | 'failed') => void)[] = []

  override update(_key: string, { to }: TextChange): Promise<Updated> {
    return new Promise((resolve, reject) =>
      this.#writing.push((outcome) => {
        if (outcome === 'failed') reject(new Error('no answer'))
        else resolve({ outcome, text: '{"theirs":1}', stored: { text: to, expiresAt: Date.now() + day } })
      })
    )
  }

  store(outcome: Updated['outcome'] | 'failed') {
    this.#writing.shift()?.(outcome)
  }

  override load(): Promise<StoredSession> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  answer(stored: StoredSession) {
    this.#waiting.shift()?.(stored)
  }
}

class ToldByHand implements Invalidation {
  isTelling = true
  forget: Invalidate = () => {}

  listen(forget: Invalidate) {
    this.forget = forget
  }
  isCurrent() {
    return this.isTelling
  }
  async catchUp() {}
  close() {}
}
