import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { type NewEnding, newNonce } from '../../src/endings/ending.ts'
import { Ledger } from '../../src/endings/ledger.ts'
import { RedisEndings } from '../../src/endings/redis-endings.ts'
import { Told } from '../../src/endings/told.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { connectRedis } from '../../src/redis/connect.ts'
import { sessionReader } from '../../src/sessions/claims.ts'
import { readConfig } from '../../src/settings/config.ts'
import { patience } from '../servers/patience.ts'
import type { RedisServer } from '../servers/redis.ts'

export const prefix = 'sess:'
export const account = newAccountId()
export const day = 24 * 3_600_000

export const ending = (key: string): NewEnding => ({
  ...{ kind: 'session', key, owner: account, nonce: newNonce(), until: Date.now() + day }
})

export interface OpenOptions {
  /** The ledger's. */
  readonly file?: string
  /** Whether Redis is emptied, and the account made. */
  readonly isEmpty?: boolean
  /** How long the database is waited for, in milliseconds. */
  readonly waits?: number
}

/** @returns what opens processes over a Redis, with a ledger in a file */
export const endingsOn = (server: RedisServer) => (t: Test, options?: OpenOptions) => open(server, t, options)

async function open(
  server: RedisServer,
  t: Test,
  { file = join(t.testdir(), 'ledger.db'), isEmpty = true, waits = patience }: OpenOptions = {}
) {
  const database = await openSqlite(file, waits)
  const redis = (await connectRedis(server.url, { onLost() {}, onBack() {} }, patience)) as Redis
  if (isEmpty) await redis.flushall()
  const ledger = new Ledger(database.sql)
  const told = new Told()
  const reader = sessionReader(readConfig({}).lifetimes)
  const endings = new RedisEndings({ redis, ledger, told, prefix, reader, longestLife: day })
  const keys = await endings.keys()
  t.teardown(async () => {
    endings.close()
    redis.disconnect()
    await database.close()
  })
  const { sql: db } = database
  if (isEmpty) {
    const row = { id: account, key: 'ada', name: 'Ada', skeleton: 'ada', key_skeleton: 'ada', version: 1 }
    const none = { first: null, disabled_at: null, kept_session: null, created_at: 1, password_hash: '' }
    await db
      .insertInto('accounts')
      .values({ ...row, ...none })
      .execute()
  }
  const bump = (version: number, kept: string | null = null) =>
    db.updateTable('accounts').set({ version, kept_session: kept }).execute()
  const store = (key: string, record: object = {}) =>
    redis.set(prefix + key, JSON.stringify({ user: 'Ada', account, epoch: 1, ...record }), 'PX', day)
  const isThere = async (key: string) => (await endings.read(key)) !== undefined
  const end = (key: string) => endings.end(key)
  return {
    ...{ redis, ledger, told, endings, keys, db, file, sqlite: database.sqlite },
    bump,
    store,
    isThere,
    end
  }
}
