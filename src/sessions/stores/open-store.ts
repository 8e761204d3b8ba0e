import type { DatabaseSync } from 'node:sqlite'
import type { Database } from '../../database/database.ts'
import { readFrom } from '../../database/sqlite-file.ts'
import { Ledger } from '../../endings/ledger.ts'
import { ConfigError } from '../../errors/errors.ts'
import { withPackage } from '../../errors/missing-package.ts'
import type { ConnectionListener } from '../../redis/connect.ts'
import type { RoughCount } from '../../redis/rough-count.ts'
import { BriefCache } from '../cache/brief-cache.ts'
import { CachedStore } from '../cache/cached-store.ts'
import { SqliteInvalidation } from '../cache/sqlite-invalidation.ts'
import type { SessionLifetimes } from '../lifetimes.ts'
import type { SessionStore } from '../session-store.ts'
import type { OpenStore } from './open-redis-store.ts'
import { SqliteStore } from './sqlite-store.ts'

export interface SessionStoreSettings {
  /** Sessions are in this Redis, or in the embedded database if undefined. Required with PostgreSQL. */
  readonly redisUrl: string | undefined
  readonly redisPrefix: string
  readonly lifetimes: SessionLifetimes
  /** How many sessions to cache in the process; 0: none. */
  readonly sessionCache: number
  /** Whether sessions may be used for up to a second where Redis does not tell of changes. */
  readonly sessionCacheUntracked?: 'off' | 'on'
  /** Timeout for an answer in milliseconds. */
  readonly storagePatience: number
}

export interface SessionStoreNeeds {
  readonly config: SessionStoreSettings
  /** Where endings are written down; undefined with REDIS_URL: nowhere. */
  readonly database: Database | undefined
  readonly listener: ConnectionListener
  readonly now?: () => number
  /** Wraps the store, below the cache. */
  readonly wrap?: (store: SessionStore) => SessionStore
}

/** Redis if REDIS_URL is set, else the embedded database, with a cache in the process. */
export async function openSessionStore(needs: SessionStoreNeeds): Promise<SessionStore> {
  const { wrap = (store) => store } = needs
  const { store: bare, total, ...opened } = await openStore(needs)
  return Object.assign(cached(wrap(bare), needs, opened), { total })
}

function cached(
  store: SessionStore,
  { config }: SessionStoreNeeds,
  { tellChanges, verdicts }: Omit<OpenStore, 'store'>
): SessionStore {
  if (config.sessionCache === 0 || !tellChanges) return store
  const told = tellChanges()
  const invalidation = config.sessionCacheUntracked === 'on' ? new BriefCache({ invalidation: told }) : told
  return new CachedStore({ store, invalidation, maxEntries: config.sessionCache, verdicts })
}

/** Counting more would hold everybody up. */
const mostCounted = 100_000

function countSessions(database: DatabaseSync): RoughCount {
  const some = `SELECT 1 FROM sessions LIMIT ${mostCounted + 1}`
  const row = readFrom(database, () => database.prepare(`SELECT count(*) AS count FROM (${some})`).get())
  const count = Number(row?.count)
  return count > mostCounted ? { count: mostCounted, precision: 'at-least' } : { count, precision: 'exact' }
}

async function openStore({ config, database, listener, now }: SessionStoreNeeds): Promise<OpenStore> {
  const { redisUrl: url, redisPrefix: prefix, lifetimes, storagePatience: patience } = config
  if (url) {
    // Loaded only where it is used: a twentieth of the start.
    const needed = { name: 'ioredis', because: 'REDIS_URL is set' }
    const { openRedisStore } = await withPackage(needed, () => import('./open-redis-store.ts'))
    const ledger = database && new Ledger(database.sql, now)
    return openRedisStore({ url, prefix, lifetimes, patience, listener, ledger })
  }
  if (database?.kind === 'sqlite') {
    const { sqlite } = database
    const total = async () => countSessions(sqlite)
    return { store: new SqliteStore(sqlite, now), tellChanges: () => new SqliteInvalidation(sqlite), total }
  }
  throw new ConfigError([
    'REDIS_URL is not set, and without it only the embedded database can store sessions'
  ])
}
