import { type Config, type Environment, readConfig } from '../config.ts'

/** What keeping sessions takes of the configuration. */
export type StoreConfig = Pick<
  Config,
  'redisUrl' | 'database' | 'sessionIds' | 'sessionCache' | 'lifetimes' | 'storagePatience'
>

const storeSettings =
  /^(REDIS_URL|DATABASE_URL|STORAGE_PATIENCE|SESSION_(IDS|CACHE|IDLE|LIFETIME)|REMEMBER_\w+)$/

/**
 * As readConfig, for an application that only keeps its sessions here: what else is in its environment, a PORT
 * or a SESSION_SECRET, is its own affair.
 */
export function readStoreConfig(environment: Environment): StoreConfig {
  const own = Object.entries(environment).filter(([name]) => storeSettings.test(name))
  return readConfig({ ...Object.fromEntries(own), SESSION_SECRET: 'the application signs its own cookies' })
}
