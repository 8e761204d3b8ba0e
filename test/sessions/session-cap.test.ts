// group: many-servers
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { connectRedis } from '../../src/redis/connect.ts'
import type { Evicted } from '../../src/sessions/session-cap.ts'
import { SessionKeys } from '../../src/sessions/session-keys.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { RedisStore } from '../../src/sessions/stores/redis-store.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { patience } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import { cookie, lifetimes, minute } from './open-sessions.ts'

const server = await startRedis(t)
const cluster = await startRedisCluster(t)
const listener = { onLost: () => {}, onBack: () => {} }

/** A store for each of two processes. */
type OpenStores = (t: Test, now: () => number) => Promise<readonly [SessionStore, SessionStore]>

const overRedis = (url: string): OpenStores => {
  return async (t) => {
    const open = async () => {
      const store = new RedisStore(await connectRedis(url, listener, patience))
      t.teardown(() => store.close())
      return store
    }
    return [await open(), await open()]
  }
}

const stores: Record<string, OpenStores> = {
  'in the embedded database': async (t, now) => {
    const file = `${t.testdir()}/latchkey.db`
    const open = async () => {
      const database = await openSqlite(file, patience)
      const store = new SqliteStore(database.sqlite, now)
      t.teardown(async () => {
        await store.close()
        await database.close()
      })
      return store
    }
    return [await open(), await open()]
  },
  'in Redis': overRedis(server.url),
  'in a Cluster': overRedis(cluster.url)
}

const keys = new SessionKeys('hashed')
let users = 0

for (const [where, openStores] of Object.entries(stores)) {
  t.test(where, async (t) => {
    /** Nobody's sessions yet, and a clock. */
    async function open(t: Test, maxPerUser: number) {
      let time = Date.now()
      const now = () => time
      const evicted: string[] = []
      const onEvict = async ({ session }: Evicted) => void evicted.push(session)
      const both = await openStores(t, now)
      const make = (store: SessionStore, max: number) =>
        new Sessions({ store, lifetimes, ids: 'hashed', maxPerUser: max, onEvict, now })
      users += 1
      const user = `user ${users}`
      const [sessions, others] = [make(both[0], maxPerUser), make(both[1], maxPerUser)]
      const begin = (id: string, more = {}) => sessions.begin(`${user} ${id}`, { cookie, user, ...more })
      const use = (id: string) => sessions.find(`${user} ${id}`)
      const isThere = async (id: string) => (await both[0].load(keys.of(`${user} ${id}`).key)) !== undefined
      const left = async (ids: readonly string[]) => {
        const there = await Promise.all(ids.map(isThere))
        return ids.filter((_, index) => there[index])
      }
      const pass = (milliseconds: number) => {
        time += milliseconds
      }
      return { sessions, others, unlimited: make(both[0], 0), user, begin, use, left, pass, evicted }
    }

    t.test(
      'what was never used goes first, then what is not remembered, then the longest unused',
      async (t) => {
        const { sessions, user, begin, use, left, pass, evicted } = await open(t, 4)
        const ids = ['remembered', 'older', 'old', 'never used', 'one', 'two', 'three', 'four']
        await begin('remembered', { remember: true })
        await begin('older')
        await begin('old')
        await begin('never used')
        pass(2 * minute)
        for (const id of ['remembered', 'older', 'old']) await use(id)
        const goes = async (id: string, gone: string) => {
          const before = await left(ids)
          const { evicted: count } = await begin(id)
          t.same(
            await left(ids),
            ids.filter((each) => each === id || (before.includes(each) && each !== gone)),
            `${id} instead of ${gone}`
          )
          t.equal(evicted.at(-1), sessions.handleOf(`${user} ${gone}`))
          t.equal(count, 1)
          pass(2 * minute)
          await use(id)
        }
        await goes('one', 'never used')
        await goes('two', 'older')
        await goes('three', 'old')
        await goes('four', 'one')
        t.equal(evicted.length, 4)
      }
    )

    t.test('whoever signs in again and again pushes out only what they made', async (t) => {
      const { begin, use, left, pass } = await open(t, 3)
      const own = ['laptop', 'phone']
      for (const id of own) await begin(id)
      pass(2 * minute)
      for (const id of own) await use(id)
      const made = Array.from({ length: 10 }, (_, index) => `collected ${index}`)
      for (const id of made) await begin(id)
      t.same(await left([...own, ...made]), ['laptop', 'phone', 'collected 9'])
    })

    t.test(
      'fifty sign-ins at once end with the limit, as if they had come one after the other',
      async (t) => {
        const { sessions, others, user, begin, use, left, pass, evicted } = await open(t, 10)
        const used = Array.from({ length: 10 }, (_, index) => `used ${index}`)
        for (const id of used) await begin(id)
        pass(2 * minute)
        for (const id of used) await use(id)
        const made = Array.from({ length: 50 }, (_, index) => `new ${index}`)
        await Promise.all(
          made.map((id, index) =>
            [sessions, others][index % 2]?.create(`${user} ${id}`, {
              cookie,
              user,
              remember: index % 3 === 0
            })
          )
        )
        t.equal((await left(made)).length, 1, 'the last one to come')
        t.equal((await left(used)).length, 9)
        t.equal(await sessions.countOf(`name:${user}`, 100), 10)
        t.equal(new Set(evicted).size, 50)
        t.equal(evicted.length, 50, 'each is told once')
      }
    )

    t.test('a session that gets a user counts, a visitor’s does not', async (t) => {
      const { sessions, user, begin, left } = await open(t, 1)
      await begin('first')
      const cart = await sessions.create(`${user} cart`, { cookie })
      t.same(await left(['first', 'cart']), ['first', 'cart'])
      await sessions.update(`${user} cart`, { before: cart, after: { ...cart, user } })
      t.same(await left(['first', 'cart']), ['cart'])
    })

    t.test('with 0 there is no limit, and a lower one is reached in steps', async (t) => {
      const { sessions, unlimited, user } = await open(t, 5)
      const made = Array.from({ length: 130 }, (_, index) => `${user} ${index}`)
      await Promise.all(made.map((id) => unlimited.create(id, { cookie, user })))
      t.equal(await unlimited.countOf(`name:${user}`, 1000), 130)
      await sessions.create(`${user} next`, { cookie, user })
      t.equal(await sessions.countOf(`name:${user}`, 1000), 31, 'a hundred less')
      await sessions.create(`${user} last`, { cookie, user })
      t.equal(await sessions.countOf(`name:${user}`, 1000), 5)
      t.ok(await sessions.find(`${user} last`))
    })
  })
}

t.test('a store that ends nothing refuses no sign-in', async (t) => {
  const database = await openSqlite(':memory:', patience)
  const store = new SqliteStore(database.sqlite)
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  const sessions = new Sessions({ store, lifetimes, ids: 'hashed', maxPerUser: 1 })
  await sessions.create('one', { cookie, user: 'alice' })
  store.revokeOf = () => Promise.reject(new Error('full'))
  const { evicted } = await sessions.begin('two', { cookie, user: 'alice' })
  t.ok(await sessions.find('two'))
  t.equal(evicted, 0)
  store.count = () => Promise.reject(new Error('away'))
  await sessions.create('three', { cookie, user: 'alice' })
  t.ok(await sessions.find('three'), 'the next sign-in makes up for it')
})
