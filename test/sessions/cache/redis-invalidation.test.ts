import type { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openStore } from '../../../src/express/store/open-store.ts'
import { connectRedis } from '../../../src/redis/connect.ts'
import { BriefCache } from '../../../src/sessions/cache/brief-cache.ts'
import { CachedStore } from '../../../src/sessions/cache/cached-store.ts'
import { RedisInvalidation } from '../../../src/sessions/cache/redis-invalidation.ts'
import { RedisStore } from '../../../src/sessions/stores/redis-store.ts'
import { commandsOf } from '../../servers/commands-of.ts'
import { eventually } from '../../servers/eventually.ts'
import { patience } from '../../servers/patience.ts'
import { startRedis } from '../../servers/redis.ts'
import { startSlowProxy } from '../../servers/slow-proxy.ts'

const server = await startRedis(t)
const session = { text: '{"user":"alice"}', expiresAt: Date.now() + 24 * 3_600_000 }

interface Opening {
  readonly url?: string
  readonly patience?: number
}

/** A process with its cache and a frozen clock; the reading connection is opened before the second one. */
async function open(t: Test, { url = server.url, patience: waits = patience }: Opening = {}) {
  let time = 0
  const redis = (await connectRedis(url, { onLost: () => {}, onBack: () => {} }, waits)) as Redis
  const store = new RedisStore(redis)
  const invalidation = new RedisInvalidation(redis, store.prefix, { patience: waits, now: () => time })
  const cached = new CachedStore({ store, invalidation, maxEntries: 100 })
  t.teardown(() => cached.close())
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { redis, changes: invalidation, cached, pass }
}

async function openAndKeep(t: Test, opening?: Opening) {
  const opened = await open(t, opening)
  await server.ask('FLUSHALL')
  await linked(opened)
  await create(opened)
  await keep(opened)
  return opened
}

type Opened = Awaited<ReturnType<typeof open>>

/** Redis may be slow, and the patience short. */
const create = ({ cached }: Opened) =>
  eventually(
    'a session',
    async () => (await cached.create('key', session)) || (await cached.load('key')) !== undefined
  )

const linked = ({ changes }: Opened) => eventually('a link', () => changes.isCurrent())

/** The notification of its creation may arrive after the read. */
const keep = ({ cached, changes }: Opened) =>
  eventually('a session to be kept', async () => {
    await cached.load('key')
    await changes.catchUp()
    return cached.peek('key') !== undefined
  })

/** The connections that receive notifications. */
async function killLinks(): Promise<void> {
  await server.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
}

t.test('while the tracking connection is lost nothing is cached, and later changes are read', async (t) => {
  const opened = await openAndKeep(t)
  const { cached, changes } = opened
  // Until another connection exists, no new one can be opened.
  await server.ask('ACL', 'SETUSER', 'default', '-client|tracking')
  await killLinks()
  await server.ask('SET', 'sess:key', '{}', 'KEEPTTL')
  await eventually('the end of it', () => !changes.isCurrent())
  t.equal(cached.peek('key'), undefined)
  t.equal((await cached.load('key'))?.text, '{}', 'reads go to Redis')
  t.equal(cached.peek('key'), undefined, 'and are not cached')
  await eventually('a refusal', () => changes.refusal !== undefined)
  await server.ask('ACL', 'SETUSER', 'default', '+client|tracking')
  await killLinks()
  await linked(opened)
  t.equal(cached.peek('key'), undefined)
  await keep(opened)
  await server.ask('DEL', 'sess:key')
  await eventually('to be told by the new link', () => cached.peek('key') === undefined)
})

t.test('with repeated disconnects it never returns an earlier state', async (t) => {
  const { cached, changes, redis } = await openAndKeep(t)
  for (let n = 0; n < 20; n++) {
    const killed = n % 3 === 0 ? killLinks() : undefined
    await server.ask('SET', 'sess:key', `{"n":${n}}`, 'KEEPTTL')
    await killed
    // When the other process's write is acknowledged, this process knows once its second connection has
    // caught up or is closed.
    await changes.catchUp()
    const known = cached.peek('key') ?? (await cached.load('key'))
    t.equal(known?.text, `{"n":${n}}`)
  }
  await redis.del('sess:key')
})

for (const [dead, which] of ['the connection that reads', 'a link'].entries()) {
  t.test(`${which} that dies silently is trusted for half a second at most`, async (t) => {
    const proxy = await startSlowProxy(t, server.port)
    const opened = await openAndKeep(t, { url: `redis://127.0.0.1:${proxy.port}`, patience: 500 })
    const { cached, changes, pass } = opened
    // A ping that was sent before the connection went dead may still be answered.
    await eventually('a session that is kept', async () => {
      await keep(opened)
      await changes.catchUp()
      return cached.peek('key') !== undefined
    })
    proxy.deafen(dead)
    pass(499)
    t.equal(cached.peek('key')?.text, session.text)
    // A connection that Redis has closed gets no notifications, although the second one answers.
    if (dead === 0) await server.ask('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await server.ask('SET', 'sess:key', '{}', 'KEEPTTL')
    pass(1)
    t.equal(cached.peek('key'), undefined)
    await linked(opened)
    await keep(opened)
    t.equal(cached.peek('key')?.text, '{}', 'another one takes its place')
  })
}

t.test('tracking on another server than the one read from is not trusted', async (t) => {
  const other = await startRedis(t)
  await server.ask('FLUSHALL')
  let isMovedBack = false
  const proxy = await startSlowProxy(t, (connection) =>
    connection === 0 || isMovedBack ? server.port : other.port
  )
  const tracking = await commandsOf(server, async () => {
    const opened = await open(t, { url: `redis://127.0.0.1:${proxy.port}` })
    const { cached, changes } = opened
    await eventually('a link', async () =>
      String(await other.ask('CLIENT', 'LIST')).includes('cmd=subscribe')
    )
    await cached.create('key', session)
    t.match(await cached.load('key'), session)
    await eventually('a second look', () => proxy.connections() > 2)
    t.equal(changes.isCurrent(), false)
    t.equal(cached.peek('key'), undefined)
    isMovedBack = true
    await linked(opened)
    await keep(opened)
  })
  t.equal(tracking['client|tracking'], 1, 'asked for once, from the same server')
})

t.test('tracking that could not start because Redis was slow is tried again', async (t) => {
  const proxy = await startSlowProxy(t, server.port)
  await server.ask('FLUSHALL')
  proxy.holdAt('TRACKING')
  const opened = await open(t, { url: `redis://127.0.0.1:${proxy.port}`, patience: 500 })
  const { changes, cached } = opened
  await eventually('the beginning of a link', () => proxy.isHeld())
  await t.rejects(cached.load('key'), 'what was asked for later is given up too')
  t.equal(changes.isCurrent(), false)
  proxy.release()
  await linked(opened)
  await create(opened)
  await keep(opened)
})

t.test('if the reading connection breaks the cache is emptied and tracking starts again', async (t) => {
  const opened = await openAndKeep(t)
  opened.redis.disconnect(true)
  await eventually('the end of it', () => !opened.changes.isCurrent())
  t.equal(opened.cached.peek('key'), undefined)
  await linked(opened)
  await keep(opened)
})

t.test('tracking starts again after Redis restarts', async (t) => {
  const own = await startRedis(t)
  const opened = await openAndKeep(t, { url: own.url })
  await own.stop()
  await eventually('the end of it', () => !opened.changes.isCurrent())
  t.equal(opened.cached.peek('key'), undefined)
  await own.start()
  await linked(opened)
  await keep(opened)
})

t.test('if Redis refuses tracking it is asked every time, and the reason is reported', async (t) => {
  await server.ask('ACL', 'SETUSER', 'deaf', 'on', '>pass', '~*', '&*', '+@all', '-client|tracking')
  const url = `redis://deaf:pass@127.0.0.1:${server.port}`
  await server.ask('FLUSHALL')
  const { cached, changes, redis } = await open(t, { url })
  await eventually('a refusal', () => changes.refusal !== undefined)
  await cached.create('key', session)
  t.match(await cached.load('key'), session)
  t.equal(cached.peek('key'), undefined)
  t.match(await cached.durability(), { refusesTracking: /NOPERM/, keepsUntracked: undefined })
  const printed: string[] = []
  t.intercept(console, 'error', { value: (text: string) => printed.push(text) })
  const files = t.testdir({ redis: `${url}\n`, accounts: 'file::memory:\n' })
  const store = openStore({ REDIS_URL_FILE: `${files}/redis`, ACCOUNTS_URL_FILE: `${files}/accounts` })
  t.teardown(() => store.close())
  await eventually('the warning of the variant for Express', () =>
    printed.some((text) => /^Redis refuses to report changes/.test(text))
  )
  t.notMatch(printed, [/ACCOUNTS_URL is not set/])

  const brief = new BriefCache({ invalidation: changes, now: () => 0, dropEvery: 2 ** 30 })
  t.teardown(() => brief.close())
  const kept = new CachedStore({ store: new RedisStore(redis), invalidation: brief, maxEntries: 100 })
  brief.drop()
  await kept.load('key')
  await server.ask('ACL', 'SETUSER', 'deaf', '+client|tracking')
  await killLinks()
  await eventually('the end of the link', () => kept.peek('key') === undefined)
  await kept.load('key')
  await eventually('no refusal', () => changes.refusal === undefined)
  await server.ask('SET', 'sess:key', '{}', 'KEEPTTL')
  await changes.catchUp()
  t.equal(kept.peek('key'), undefined, 'what was read before Redis told of changes is forgotten')
})

t.test('if Redis refuses tracking a session may be used for a second, if that is set', async (t) => {
  const opened = await openAndKeep(t)
  let time = 0
  const brief = new BriefCache({ invalidation: opened.changes, now: () => time, dropEvery: 2 ** 30 })
  const store = new RedisStore(opened.redis)
  const cached = new CachedStore({ store, invalidation: brief, maxEntries: 100 })
  t.teardown(() => brief.close())
  await opened.changes.catchUp()
  brief.drop()
  await cached.load('key')
  t.match(cached.peek('key'), session, 'where it does not refuse nothing changes')
  await server.ask('ACL', 'SETUSER', 'default', '-client|tracking')
  t.teardown(() => server.ask('ACL', 'SETUSER', 'default', '+client|tracking'))
  await killLinks()
  await eventually('a refusal', () => opened.changes.refusal !== undefined)

  brief.drop()
  await cached.load('key')
  await server.ask('SET', 'sess:key', '{}', 'KEEPTTL')
  time += 999
  t.match(cached.peek('key'), session)
  t.match(await cached.durability(), { refusesTracking: /NOPERM/, keepsUntracked: true })
  time += 1
  t.equal(cached.peek('key'), undefined, 'a process that was stalled')
  const reading = cached.load('key')
  brief.drop()
  await reading
  t.equal(cached.peek('key'), undefined, 'what was read before')
  await cached.load('key')
  t.match(cached.peek('key'), { text: '{}' })
})

t.test('closing leaves no tracking connection', async (t) => {
  const { cached } = await openAndKeep(t)
  await cached.close()
  await eventually('nobody who listens', async () => {
    return !String(await server.ask('CLIENT', 'LIST')).includes('cmd=subscribe')
  })
})
