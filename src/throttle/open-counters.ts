import type { Database } from '../database/database.ts'
import { ConfigError } from '../errors/errors.ts'
import type { SessionStoreSettings } from '../sessions/stores/open-store.ts'
import type { Counters } from './counters.ts'
import { SqliteCounters } from './sqlite-counters.ts'

export interface CountersNeeds {
  readonly config: Pick<SessionStoreSettings, 'redisUrl' | 'redisPrefix' | 'storagePatience'>
  readonly database: Database
  readonly now?: () => number
}

/** The session store's connection reports when Redis is down and back. */
const silentListener = { onLost: () => {}, onBack: () => {} }

/** Counters are where the sessions are: in Redis if REDIS_URL is set, else in the embedded database. */
export async function openCounters({ config, database, now }: CountersNeeds): Promise<Counters> {
  const { redisUrl, redisPrefix: prefix, storagePatience } = config
  if (redisUrl) {
    const { connectRedis } = await import('../redis/connect.ts')
    const { RedisCounters } = await import('./redis-counters.ts')
    const redis = await connectRedis(redisUrl, silentListener, storagePatience)
    return new RedisCounters(redis, { patience: storagePatience, prefix, now })
  }
  if (database.kind === 'sqlite') return new SqliteCounters(database.noSync, now)
  throw new ConfigError([
    'REDIS_URL is not set, and without it only the embedded database can count attempts'
  ])
}
