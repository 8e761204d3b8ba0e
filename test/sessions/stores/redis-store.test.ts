import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { StorageError } from '../../../src/errors/errors.ts'
import { connectRedis } from '../../../src/redis/connect.ts'
import { Sessions } from '../../../src/sessions/sessions.ts'
import { RedisStore } from '../../../src/sessions/stores/redis-store.ts'
import { readConfig } from '../../../src/settings/config.ts'
import { eventually } from '../../servers/eventually.ts'
import { patience } from '../../servers/patience.ts'
import { startRedis } from '../../servers/redis.ts'
import { comesBack, failsAtOnce, failsClosed, keepsTheContract } from '../session-store.contract.ts'

const server = await startRedis(t)
/** Longer than the tests ever set the clock forward. */
const day = 24 * 3_600_000
/** For a server that does not answer. */
const shortPatience = 200

async function open(t: Test, url = server.url, waits = patience) {
  const told: string[] = []
  const listener = {
    onLost: ({ message }: Error) => void told.push(message),
    onBack: () => void told.push('back')
  }
  const redis = await connectRedis(url, listener, waits)
  const store = new RedisStore(redis)
  t.teardown(() => store.close())
  return { store, redis, told }
}

t.test('in Redis', async (t) => {
  keepsTheContract(t, async (t) => {
    const { store, redis } = await open(t)
    await redis.flushall()
    return { store, now: server.now, until: server.until }
  })
})

t.test('a session has the key and the expiry that connect-redis expects', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  const expiresAt = server.now() + day
  await store.create('key', { text: '{"user":"alice"}', expiresAt })
  t.same(await redis.keys('*'), ['sess:key'])
  t.equal(await redis.get('sess:key'), '{"user":"alice"}')
  t.equal(await redis.pexpiretime('sess:key'), expiresAt)
})

t.test('an expired session leaves nothing behind', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  await store.create('key', { text: '{}', expiresAt: server.now() + 100 })
  await eventually('its end', async () => (await redis.keys('*')).length === 0)
})

t.test('the index of a person disappears with the last session', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  const session = (lastsFor: number) => ({
    text: '{"user":"alice"}',
    expiresAt: server.now() + lastsFor,
    owner: 'name:alice'
  })
  for (const key of ['one', 'two', 'three']) await store.create(key, session(day))
  t.equal(await redis.zcard((await redis.keys('sess-of:*'))[0] ?? ''), 3)
  await store.revoke('three')
  t.equal(await redis.zcard((await redis.keys('sess-of:*'))[0] ?? ''), 2)
  await store.revokeSome('name:alice')
  t.same(await redis.keys('*'), [], 'all ended')

  await store.create('touched', session(day))
  await store.touch('touched', session(2 * day))
  await store.create('short', session(100))
  await eventually(
    'the short one over',
    async () => (await store.page('name:alice', { limit: 25 })).sessions.length === 1
  )
  const ends = await redis.pexpiretime('sess:touched')
  t.equal(await redis.pexpiretime((await redis.keys('sess-of:*'))[0] ?? ''), ends, 'with the last to end')
  await redis.flushall()

  await store.create('first', session(50))
  await store.create('second', session(100))
  await eventually('all over', async () => (await redis.keys('*')).length === 0)
})

t.test('ended sessions leave the index when the next one begins', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  await store.create('one', { text: '{"user":"alice"}', expiresAt: server.now() + day, owner: 'name:alice' })
  const [index = ''] = await redis.keys('sess-of:*')
  const longAgo = (server.now() - 2 * day) * 1000
  for (let gone = 0; gone < 10; gone += 1) await redis.zadd(index, longAgo + gone, `gone ${gone}`)
  // Each time some are found by chance.
  await eventually('the others gone', async () => {
    await store.touch('one', { expiresAt: server.now() + day, owner: 'name:alice' })
    return (await redis.zcard(index)) === 1
  })
  t.same(await redis.zrange(index, 0, '-1'), ['one'])

  for (let gone = 0; gone < 250; gone += 1) await redis.zadd(index, longAgo + gone, `gone ${gone}`)
  const { sessions } = await store.page('name:alice', { limit: 25 })
  t.equal(sessions.length, 1, 'a page passes them')
  t.equal(await redis.zcard(index), 1, 'and removes them')
  await redis.zadd(index, server.now() * 1000, 'starting')
  await store.page('name:alice', { limit: 25 })
  await store.revokeSome('name:alice')
  t.same(await redis.zrange(index, 0, '-1'), ['starting'], 'a young one may belong to a session that starts')
})

t.test('a session whose id begins like a key is found and ended like any other', async (t) => {
  const { store, redis } = await open(t)
  await redis.flushall()
  const session = { text: '{"user":"alice"}', expiresAt: server.now() + day, owner: 'name:alice' }
  for (const key of ['one', 'two', 'sess:three']) await store.create(key, session)
  await store.touch('sess:three', session)
  const listed = async () =>
    (await store.page('name:alice', { limit: 25 })).sessions.map(({ key }) => key).sort()
  t.same(await listed(), ['one', 'sess:three', 'two'])
  await store.revoke('sess:three')
  t.same(await listed(), ['one', 'two'])
  t.same([...(await store.revokeSome('name:alice'))].sort(), ['one', 'two'])
  t.same(await redis.keys('*'), [])
})

t.test('no name and no id is stored in plain text', async (t) => {
  const { redis } = await open(t)
  const sessions = new Sessions({
    store: new RedisStore(redis),
    lifetimes: readConfig({}).lifetimes,
    ids: 'hashed'
  })
  await redis.flushall()
  await sessions.create('Xk3vQ0w_8yTn2rLb', { cookie: { originalMaxAge: null }, user: 'alice' })
  for (const key of await redis.keys('*')) t.notMatch(key, /Xk3vQ0w_8yTn2rLb|alice/)
})

t.test('while Redis is gone everything fails at once, and afterwards it recovers by itself', async (t) => {
  const own = await startRedis(t)
  const { store, told } = await open(t, own.url)
  const session = { text: '{"user":"alice"}', expiresAt: server.now() + day }
  await store.create('key', session)
  await own.stop()
  await failsAtOnce(t, store)
  await eventually('the news', () => told.length > 0)
  await own.start()
  t.same(await eventually('an answer', () => store.load('key')), session)
  t.match(told, [/ECONNREFUSED/, 'back'], 'each is reported once')
  t.equal(told.length, 2)
})

t.test('while Redis hangs everything fails, and afterwards it recovers by itself', async (t) => {
  const own = await startRedis(t)
  const { store } = await open(t, own.url, shortPatience)
  own.pause()
  await failsClosed(t, store)
  own.resume()
  // A command that timed out may have been executed, `revoke` too.
  await comesBack(store)
  const session = { text: '{"user":"alice"}', expiresAt: server.now() + day }
  const patient = await open(t, own.url)
  t.equal(await patient.store.create('after', session), true)
  t.same(await eventually('the session', () => store.load('after')), session)
})

t.test('a command waits as long as the patience allows', async (t) => {
  const own = await startRedis(t)
  const hasty = await open(t, own.url, shortPatience)
  const patient = await open(t, own.url, patience)
  await comesBack(hasty.store)
  own.pause()
  let isAnswered = false
  const waiting = patient.store.load('key').finally(() => (isAnswered = true))
  await t.rejects(hasty.store.load('key'), { cause: { message: 'no answer for 200 ms' } })
  t.equal(isAnswered, false)
  own.resume()
  t.equal(await waiting, undefined, 'a response in time is used')
})

t.test('reconnecting is tried at least twice a second, however long Redis is away', async (t) => {
  const { redis } = await open(t)
  const delayOf = redis instanceof Redis ? redis.options.retryStrategy : undefined
  for (const attempt of [1, 10, 100, 10_000]) t.ok(Number(delayOf?.(attempt)) <= 500, `${attempt}`)
})

t.test('an error response of Redis is a StorageError', async (t) => {
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
  const creating = store.create('key', { text: '{}', expiresAt: server.now() + day })
  await t.rejects(creating, { code: 'LATCHKEY_STORAGE_UNAVAILABLE', cause: { message: /OOM/ } })
})

t.test('connecting to a missing Redis does not fail, and it is used once it is there', async (t) => {
  const own = await startRedis(t)
  await own.stop()
  const { store, told } = await open(t, own.url)
  t.match(told, [/ECONNREFUSED/])
  await t.rejects(store.load('key'), StorageError)
  await own.start()
  await comesBack(store)
})

t.test('connecting to a hanging Redis is given up', async (t) => {
  const own = await startRedis(t)
  own.pause()
  const { store } = await open(t, own.url, shortPatience)
  await failsClosed(t, store)
  own.resume()
  await comesBack(store)
})

t.test('closing leaves nothing that keeps the process running', async (t) => {
  const redis = await connectRedis(server.url, { onLost: () => {}, onBack: () => {} }, patience)
  await new RedisStore(redis).close()
  await t.rejects(redis.ping())
  const other = new Redis(server.url)
  t.teardown(() => other.disconnect())
  t.equal(await other.ping(), 'PONG', 'the server is still there')
})

t.test('updates in one turn of the event loop share a command, and each has its own result', async (t) => {
  const { redis, store } = await open(t)
  await redis.flushall()
  const names = Array.from({ length: 120 }, (_, n) => `session ${n}`)
  const expiresAt = server.now() + day
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
