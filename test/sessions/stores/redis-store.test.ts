import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { StorageError } from '../../../src/errors/errors.ts'
import { connectRedis } from '../../../src/redis/connect.ts'
import { Sessions } from '../../../src/sessions/sessions.ts'
import { RedisSessions } from '../../../src/sessions/stores/redis-store.ts'
import { readConfig } from '../../../src/settings/config.ts'
import { eventually } from '../../servers/eventually.ts'
import { startRedis } from '../../servers/redis.ts'
import { failsClosed, keepsTheContract } from '../session-store.contract.ts'

const server = await startRedis(t)
const hour = 3_600_000

async function open(t: Test, url = server.url) {
  const told: string[] = []
  const redis = await connectRedis(url, {
    onLost: (error) => told.push(error.message),
    onBack: () => told.push('back')
  })
  const store = new RedisSessions(redis)
  t.teardown(() => store.close())
  return { store, redis, told }
}

t.test('in Redis', async (t) => {
  keepsTheContract(t, async (t) => {
    const { store, redis } = await open(t)
    await redis.flushall()
    return { store, now: Date.now, pass: (milliseconds) => sleep(milliseconds) }
  })
})

t.test('a session lies where connect-redis looks for it, with an expiry of its own', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  const expiresAt = Date.now() + hour
  await store.create('key', { text: '{"user":"alice"}', expiresAt })
  t.same(await redis.keys('*'), ['sess:key'])
  t.equal(await redis.get('sess:key'), '{"user":"alice"}')
  t.equal(await redis.pexpiretime('sess:key'), expiresAt)
})

t.test('nothing is left of a session that is over', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  await store.create('key', { text: '{}', expiresAt: Date.now() + 100 })
  await sleep(150)
  t.equal(await redis.exists('sess:key'), 0)
})

t.test('the index of a person is gone with the last session', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  const session = (lastsFor: number) => ({
    text: '{"user":"alice"}',
    expiresAt: Date.now() + lastsFor,
    owner: 'alice'
  })
  for (const key of ['one', 'two', 'three']) await store.create(key, session(hour))
  t.equal(await redis.zcard((await redis.keys('sess-of:*'))[0] ?? ''), 3)
  await store.end('three')
  t.equal(await redis.zcard((await redis.keys('sess-of:*'))[0] ?? ''), 2)
  await store.endAll('alice')
  t.same(await redis.keys('*'), [], 'all ended')

  await store.create('touched', session(1000))
  await store.touch('touched', session(3000))
  await store.create('short', session(100))
  await eventually('the short one over', async () => (await store.listByUser('alice')).length === 1)
  t.equal(await redis.exists('sess:touched'), 1)
  await eventually('all over', async () => (await redis.keys('*')).length === 0)
})

t.test('sessions that ended long ago leave the index when the next one begins', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  await store.create('one', { text: '{"user":"alice"}', expiresAt: Date.now() + hour, owner: 'alice' })
  const [index = ''] = await redis.keys('sess-of:*')
  await redis.zadd(index, Date.now() - 2 * hour, 'sess:long-gone')
  await store.create('two', { text: '{"user":"alice"}', expiresAt: Date.now() + hour, owner: 'alice' })
  t.same(await redis.zrange(index, 0, '-1'), ['one', 'two'])
})

t.test('a session whose id begins as keys do is found and ended like any other', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  const session = { text: '{"user":"alice"}', expiresAt: Date.now() + hour, owner: 'alice' }
  for (const key of ['one', 'two', 'sess:three']) await store.create(key, session)
  await store.touch('sess:three', session)
  const listed = async () => (await store.listByUser('alice')).map(({ key }) => key).sort()
  t.same(await listed(), ['one', 'sess:three', 'two'])
  await store.end('sess:three')
  t.same(await listed(), ['one', 'two'])
  t.same([...(await store.endAll('alice'))].sort(), ['one', 'two'])
  t.same(await redis.keys('*'), [])
})

t.test('no name and no id is readable at rest', async (t) => {
  const { redis } = await open(t)
  const sessions = new Sessions({
    store: new RedisSessions(redis),
    lifetimes: readConfig({}).lifetimes,
    ids: 'hashed'
  })
  await redis.flushall()
  await sessions.create('Xk3vQ0w_8yTn2rLb', { cookie: { originalMaxAge: null }, user: 'alice' })
  for (const key of await redis.keys('*')) t.notMatch(key, /Xk3vQ0w_8yTn2rLb|alice/)
})

t.test('while Redis is gone everything fails at once, and it comes back by itself', async (t) => {
  const own = await startRedis(t)
  const { store, told } = await open(t, own.url)
  const session = { text: '{"user":"alice"}', expiresAt: Date.now() + hour }
  await store.create('key', session)
  await own.stop()
  await failsClosed(t, store, 1000)
  await sleep(300)
  await own.start()
  t.same(await recovered(() => store.load('key')), session)
  t.match(told, [/ECONNREFUSED/, 'back'], 'each is told once')
  t.equal(told.length, 2)
})

t.test('a Redis that hangs fails everything within a second, and it comes back by itself', async (t) => {
  const own = await startRedis(t)
  const { store } = await open(t, own.url)
  const session = { text: '{"user":"alice"}', expiresAt: Date.now() + hour }
  await store.create('key', session)
  own.pause()
  await failsClosed(t, store, 1000)
  own.resume()
  // What timed out may still have been carried out, `end` among it.
  await recovered(() => store.create('after', session))
  t.same(await store.load('after'), session)
})

t.test('a Redis that answers with an error is a StorageError', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  await redis.lpush('sess:key', 'not a text')
  await t.rejects(store.load('key'), {
    code: 'LATCHKEY_STORAGE_UNAVAILABLE',
    cause: { message: /WRONGTYPE/ }
  })
})

t.test('a full Redis acknowledges nothing', async (t) => {
  const own = await startRedis(t)
  const { store, redis } = await open(t, own.url)
  await redis.config('SET', 'maxmemory', '1')
  const creating = store.create('key', { text: '{}', expiresAt: Date.now() + hour })
  await t.rejects(creating, { code: 'LATCHKEY_STORAGE_UNAVAILABLE', cause: { message: /OOM/ } })
})

t.test('connecting to a Redis that is not there yet does not fail, and it is used once it is', async (t) => {
  const own = await startRedis(t)
  await own.stop()
  const startedAt = performance.now()
  const { store, told } = await open(t, own.url)
  t.ok(performance.now() - startedAt < 1500)
  t.match(told, [/ECONNREFUSED/])
  await t.rejects(store.load('key'), StorageError)
  await own.start()
  t.equal(await recovered(() => store.load('key')), undefined)
})

t.test('connecting to a Redis that hangs is given up in good time', async (t) => {
  const own = await startRedis(t)
  own.pause()
  const startedAt = performance.now()
  const { store } = await open(t, own.url)
  t.ok(performance.now() - startedAt < 1500, `it took ${Math.round(performance.now() - startedAt)} ms`)
  await failsClosed(t, store, 1000)
  own.resume()
  t.equal(await recovered(() => store.load('key')), undefined)
})

t.test('after closing nothing is left that holds the process up', async (t) => {
  const redis = await connectRedis(server.url, { onLost: () => {}, onBack: () => {} })
  await new RedisSessions(redis).close()
  await t.rejects(redis.ping())
  const other = new Redis(server.url)
  t.equal(await other.ping(), 'PONG', 'and the server is still there')
  other.disconnect()
})

/** Tries until it succeeds, for five seconds. */
async function recovered<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 5000
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}

t.test('what is written in one turn of the event loop is one command, with an answer for each', async (t) => {
  const { redis, store } = await open(t)
  await redis.flushall()
  const names = Array.from({ length: 120 }, (_, n) => `session ${n}`)
  const expiresAt = Date.now() + 60_000
  for (const name of names.slice(2)) await store.create(name, { text: '{}', expiresAt })
  await redis.set('sess:session 1', '{"of":"somebody else"}')
  await redis.del('sess:session 2')
  await redis.lpush('sess:session 2', 'no text')
  await redis.config('RESETSTAT')
  const updates = names.map((name) => store.update(name, { from: '{}', to: '{"changed":[]}' }))
  const [gone, conflict, broken, ...stored] = await Promise.allSettled(updates)
  t.match(gone, { value: { outcome: 'gone' } })
  t.match(conflict, { value: { outcome: 'conflict', text: '{"of":"somebody else"}' } })
  t.match(broken, { reason: { code: 'LATCHKEY_STORAGE_UNAVAILABLE' } })
  for (const outcome of stored)
    t.match(outcome, { value: { outcome: 'stored', stored: { text: '{"changed":[]}', expiresAt } } })
  t.match(await redis.info('commandstats'), /cmdstat_evalsha:calls=2,/)
})
