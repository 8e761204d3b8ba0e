// group: many-servers
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import type { RedisClient } from '../../src/redis/client.ts'
import { connectRedis } from '../../src/redis/connect.ts'
import { AllSessions } from '../../src/sessions/all-sessions.ts'
import { type SessionIds, SessionKeys } from '../../src/sessions/session-keys.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { RedisStore } from '../../src/sessions/stores/redis-store.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { patience } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'
import { cookie, day, lifetimes } from './open-sessions.ts'

/** One person has so many sessions. */
const many = 3000
/** No statement and no command may read, delete or name more at once; SCAN returns a few more than it is asked for. */
const limit = 1100
const text = JSON.stringify({ cookie, user: 'alice', startedAt: Date.now(), address: '192.0.2.7' })

/** The most that one statement or command has read, deleted or named, and the whole. */
class Watch {
  most = 0
  whole = 0

  see(count: number): void {
    this.most = Math.max(this.most, count)
    this.whole += count
  }
}

interface Opened {
  readonly store: SessionStore
  readonly watch: Watch
  /** Makes sessions directly in the store. */
  fill(keys: readonly string[], expiresAt: number): Promise<void>
  /** How many sessions and entries in lists are stored. */
  stored(): Promise<number>
  readonly now: () => number
}

async function inSqlite(t: Test): Promise<Opened & { readonly sqlite: SqliteStore; pass(ms: number): void }> {
  let time = Date.now()
  const now = () => time
  const database = await openSqlite(':memory:', patience)
  const watch = new Watch()
  const store = new SqliteStore(watched(database.sqlite, watch), now)
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  const insert = database.sqlite.prepare(
    `INSERT INTO sessions (key, record, owner, expires_at, used_at) VALUES (?, ?, 'name:alice', ?, ?)`
  )
  return {
    store,
    sqlite: store,
    watch,
    now,
    pass: (milliseconds) => {
      time += milliseconds
    },
    fill: async (keys, expiresAt) => {
      database.sqlite.exec('BEGIN')
      for (const [index, key] of keys.entries()) insert.run(key, text, expiresAt, time - keys.length + index)
      database.sqlite.exec('COMMIT')
    },
    stored: async () => Number(database.sqlite.prepare('SELECT count(*) AS n FROM sessions').get()?.n)
  }
}

/** The same database, whose statements tell how many rows they return or change. */
function watched(database: DatabaseSync, watch: Watch): DatabaseSync {
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql)
    return new Proxy(statement, {
      get: (_, name) => {
        const value: unknown = Reflect.get(statement, name)
        if (typeof value !== 'function') return value
        return (...words: unknown[]) => {
          const answer: unknown = Reflect.apply(value, statement, words)
          watch.see(Array.isArray(answer) ? answer.length : Number(Object(answer).changes ?? 1))
          return answer
        }
      }
    })
  }
  return new Proxy(database, {
    get: (_, name) => {
      if (name === 'prepare') return prepare
      const value: unknown = Reflect.get(database, name)
      return typeof value === 'function' ? value.bind(database) : value
    }
  })
}

const server = await startRedis(t)

async function inRedis(t: Test): Promise<Opened> {
  const listener = { onLost: () => {}, onBack: () => {} }
  const redis = await connectRedis(server.url, listener, patience)
  const own = await connectRedis(server.url, listener, patience)
  await own.flushall()
  const watch = new Watch()
  watchCommands(redis, watch)
  const store = new RedisStore(redis)
  t.teardown(async () => {
    await store.close()
    own.disconnect()
  })
  return {
    store,
    watch,
    now: Date.now,
    fill: async (keys, expiresAt) => {
      await store.create('the first', { text, expiresAt, owner: 'name:alice' })
      const [index = ''] = await own.keys('sess-of:*')
      for (let start = 0; start < keys.length; start += 1000) {
        await own.eval(
          `for n, key in ipairs(ARGV) do
             if n > 3 then
               redis.call('SET', 'sess:' .. key, ARGV[1], 'PXAT', ARGV[2])
               redis.call('ZADD', KEYS[1], string.format('%.0f', ARGV[3] + n), key)
             end
           end`,
          1,
          index,
          ...[text, expiresAt, (Date.now() - 3_600_000) * 1000 + start, ...keys.slice(start, start + 1000)]
        )
      }
      await store.revoke('the first')
    },
    stored: async () => {
      const lists = await own.keys('sess-of:*')
      const entries = await Promise.all(lists.map((index) => own.zcard(index)))
      return (await own.dbsize()) - lists.length + entries.reduce((sum, count) => sum + count, 0)
    }
  }
}

/** Counts what commands name and what they return. */
function watchCommands(redis: RedisClient, watch: Watch): void {
  if (!(redis instanceof Redis)) throw new Error('a Cluster has no connection of its own')
  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (...sent) => {
    const [command] = sent
    watch.see(command.args.length)
    command.promise.then(
      (answer) => watch.see(Array.isArray(answer) ? answer.flat().length : 1),
      () => {}
    )
    return send(...sent)
  }
}

for (const [where, open] of Object.entries({ 'the embedded database': inSqlite, Redis: inRedis })) {
  t.test(`in ${where} nothing reads all sessions of one person at once`, async (t) => {
    /** A person with many sessions; ends with the rest of it. */
    async function opened(t: Test, ids: SessionIds = 'hashed') {
      const made = await open(t)
      const keys = new SessionKeys(ids)
      const all = Array.from({ length: many }, (_, index) => `session ${index}`)
      await made.fill(
        all.map((id) => keys.of(id).key),
        made.now() + day
      )
      const { store, watch, now } = made
      const sessions = new Sessions({ store, lifetimes, ids, maxPerUser: 100, now })
      const handle = (id: string) => keys.handleOf(keys.of(id).key)
      watch.most = 0
      watch.whole = 0
      return { ...made, keys, sessions, everybodys: new AllSessions(store, keys), handle }
    }

    t.test('not what looks, or ends one', async (t) => {
      const { sessions, everybodys, watch, handle, stored } = await opened(t)
      const acts: Record<string, () => Promise<unknown>> = {
        list: () => sessions.listByUser('name:alice'),
        'the next page': async () => {
          const { next } = await sessions.listByUser('name:alice')
          t.equal((await sessions.listByUser('name:alice', { after: next })).sessions.length, 25)
        },
        'the page before': async () => {
          const { next } = await sessions.listByUser('name:alice', { limit: 100 })
          t.equal((await sessions.listByUser('name:alice', { before: next })).sessions.length, 25)
        },
        count: async () => t.equal(await sessions.countOf('name:alice', 1001), 1001),
        findOne: async () => t.ok(await sessions.findOne('name:alice', handle('session 7'))),
        revokeOne: async () => t.equal(await sessions.revokeOne('name:alice', handle('session 7')), true),
        'revokeOne of a stranger': async () =>
          t.equal(await sessions.revokeOne('name:bob', handle('session 8')), false),
        'revokeOne of an operator': async () =>
          t.match(await everybodys.revokeOne(handle('session 9')), { name: 'alice' })
      }
      for (const [act, step] of Object.entries(acts)) {
        watch.whole = 0
        await step()
        t.ok(watch.whole < 2 * limit, `${act} reads ${watch.whole} in all`)
      }
      const before = await stored()
      await sessions.create('new', { cookie, user: 'alice' })
      t.ok((await stored()) < before, 'the limit of sessions works in parts, too')
      t.ok(watch.most <= limit, `${watch.most} at most`)
    })

    t.test('not with plain ids, whose handles do not say the key', async (t) => {
      const { sessions, everybodys, watch, handle } = await opened(t, 'plain')
      t.equal(await sessions.revokeOne('name:alice', handle('session 7')), true)
      t.equal(await sessions.revokeOne('name:alice', handle('session 7')), false)
      t.match(await everybodys.revokeOne(handle('session 9')), { name: 'alice' })
      t.ok(watch.most <= limit, `${watch.most} at most`)
    })

    t.test('not what ends all, or all others', async (t) => {
      const { sessions, watch, stored } = await opened(t)
      t.equal(await sessions.revokeAllOf({ id: 'name:alice', name: 'alice' }, 'session 5'), 1001)
      t.ok(await sessions.find('session 5'))
      t.equal(await sessions.revokeAllOf({ id: 'name:alice', name: 'alice' }), 1)
      t.equal(await stored(), 0)
      t.ok(watch.most <= limit, `${watch.most} at most`)
    })

    t.test('not what goes through everybody’s', async (t) => {
      const { store, everybodys, watch, stored } = await opened(t)
      let counted = 0
      for await (const _ of store.keys()) counted += 1
      t.equal(counted, many)
      t.equal(await everybodys.revokeEverything(), many)
      t.equal(await stored(), 0)
      t.ok(watch.most <= limit, `${watch.most} at most`)
    })
  })
}

t.test('sweeping deletes in parts, and a page passes what is not swept yet', async (t) => {
  const { sqlite: store, watch, fill, stored, now, pass } = await inSqlite(t)
  const ids = Array.from({ length: many }, (_, index) => `session ${index}`)
  await fill(ids, now() + day)
  pass(day)
  watch.most = 0
  watch.whole = 0
  const page = await store.page('name:alice', { limit: 25 })
  t.same(page.sessions, [])
  t.ok(page.next, 'a page does not go through all of them')
  t.ok(watch.whole < 2 * limit)
  await store.sweep()
  t.equal(await stored(), 0)
  t.ok(watch.most <= limit, `${watch.most} at most`)
})

t.test('others come in between', async (t) => {
  const { store, fill, now } = await inSqlite(t)
  const ids = Array.from({ length: many }, (_, index) => `session ${index}`)
  await fill(ids, now() + day)
  await store.create('his', { text: '{"user":"bob"}', expiresAt: now() + day, owner: 'name:bob' })
  const sessions = new Sessions({ store, lifetimes, ids: 'hashed', now })
  let isOver = false
  let between = 0
  const visit = async () => {
    while (!isOver) {
      await new Promise(setImmediate)
      if (await store.load('his')) between += 1
    }
  }
  const visiting = visit()
  await sessions.revokeAllOf({ id: 'name:alice', name: 'alice' })
  isOver = true
  await visiting
  t.ok(between >= many / limit, `${between} requests in between`)
})
