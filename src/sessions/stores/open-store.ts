import { Cluster } from 'ioredis'
import type { Database } from '../../database/database.ts'
import { ConfigError } from '../../errors/errors.ts'
import type { RedisClient } from '../../redis/client.ts'
import { type ConnectionListener, connectRedis } from '../../redis/connect.ts'
import { CachedStore, type Invalidation } from '../cache/cached-store.ts'
import { RedisInvalidation } from '../cache/redis-invalidation.ts'
import { SqliteInvalidation } from '../cache/sqlite-invalidation.ts'
import type { SessionStore } from '../session-store.ts'
import { RedisStore } from './redis-store.ts'
import { SqliteStore } from './sqlite-store.ts'

export interface SessionStoreSettings {
  /** Sessions are in this Redis, or in the embedded database if undefined. Required with PostgreSQL. */
  readonly redisUrl: string | undefined
  /** How many sessions to cache in the process; 0: none. */
  readonly sessionCache: number
  /** Timeout for an answer in milliseconds. */
  readonly storagePatience: number
}

export interface SessionStoreNeeds {
  readonly config: SessionStoreSettings
  /** May be closed if REDIS_URL is set. */
  readonly database: Database | undefined
  readonly listener: ConnectionListener
  readonly now?: () => number
  /** Wraps the store, below the cache. */
  readonly wrap?: (store: SessionStore) => SessionStore
}

/** Redis if REDIS_URL is set, else the embedded database, with a cache in the process. */
export async function openSessionStore(needs: SessionStoreNeeds): Promise<SessionStore> {
  const { config, wrap = (store) => store } = needs
  const { store: bare, tellChanges } = await openStore(needs)
  const store = wrap(bare)
  if (config.sessionCache === 0 || !tellChanges) return store
  return new CachedStore({ store, invalidation: tellChanges(), maxEntries: config.sessionCache })
}

interface OpenStore {
  readonly store: SessionStore
  /** Missing if the store sends no notifications. */
  readonly tellChanges?: () => Invalidation
}

async function openStore({ config, database, listener, now }: SessionStoreNeeds): Promise<OpenStore> {
  const { redisUrl, storagePatience } = config
  if (redisUrl) return openRedis(await connectRedis(redisUrl, listener, storagePatience), storagePatience)
  if (database?.kind === 'sqlite') {
    const { sqlite } = database
    return { store: new SqliteStore(sqlite, now), tellChanges: () => new SqliteInvalidation(sqlite) }
  }
  throw new ConfigError([
    'REDIS_URL is not set, and without it only the embedded database can store sessions'
  ])
}

/**
 * In a Cluster a master that was cut off and replaced still answers pings, while it refuses reads, so its
 * notifications would be trusted for too long. There every read goes to Redis.
 */
function openRedis(redis: RedisClient, patience: number): OpenStore {
  const store = new RedisStore(redis)
  if (redis instanceof Cluster) return { store }
  return { store, tellChanges: () => new RedisInvalidation(redis, store.prefix, { patience }) }
}
