import type { Config } from '../config.ts'
import type { Database } from '../database/database.ts'
import { ConfigError } from '../errors.ts'
import { type ConnectionListener, connectRedis } from './redis-connection.ts'
import { RedisSessions } from './redis-sessions.ts'
import type { SessionStore } from './session-store.ts'
import { SqliteSessions } from './sqlite-sessions.ts'

export interface SessionStoreNeeds {
  readonly config: Pick<Config, 'redisUrl'>
  readonly database: Database
  readonly listener: ConnectionListener
  readonly now?: () => number
}

/** Redis where REDIS_URL names one, else the embedded database. */
export async function openSessionStore(needs: SessionStoreNeeds): Promise<SessionStore> {
  const { config, database, listener, now } = needs
  if (config.redisUrl) return new RedisSessions(await connectRedis(config.redisUrl, listener))
  if (database.kind === 'sqlite') return new SqliteSessions(database.sqlite, now)
  throw new ConfigError(['REDIS_URL is not set, and only the embedded database keeps sessions without it'])
}
