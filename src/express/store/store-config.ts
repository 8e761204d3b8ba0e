import { ConfigError } from '../../errors/errors.ts'
import { type Config, storageFaults } from '../../settings/config.ts'
import type { Environment } from '../../settings/environment.ts'
import { readSettings } from '../../settings/read-settings.ts'

/** What keeping sessions takes of the configuration. */
export type StoreConfig = Pick<
  Config,
  'redisUrl' | 'database' | 'sessionIds' | 'sessionCache' | 'lifetimes' | 'storagePatience'
>

/**
 * As readConfig, for an application that only keeps its sessions here: what else is in its environment, a PORT
 * or a SESSION_SECRET, is its own affair.
 * @throws {ConfigError} with every fault found
 */
export function readStoreConfig(environment: Environment): StoreConfig {
  const { values, faults } = readSettings(environment, ({ group }) => group === 'storage')
  const all = [...faults, ...storageFaults(values, environment)]
  if (all.length > 0) throw new ConfigError(all)
  return values
}
