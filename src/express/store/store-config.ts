import { ConfigError } from '../../errors/errors.ts'
import { type Config, storageFaults } from '../../settings/config.ts'
import type { Environment } from '../../settings/environment.ts'
import { blankSettings, type LostSetting } from '../../settings/lost-settings.ts'
import { readSettings } from '../../settings/read-settings.ts'
import type { Setting } from '../../settings/setting.ts'
import { settings } from '../../settings/settings.ts'

/** What keeping sessions takes of the configuration. */
export type StoreConfig = Pick<
  Config,
  'redisUrl' | 'database' | 'sessionIds' | 'sessionCache' | 'lifetimes' | 'storagePatience'
>

/**
 * As readConfig, for an application that only keeps its sessions here: what else is in its environment, a PORT
 * or a SESSION_SECRET, is its own affair.
 * @param lostInFile as in Sources: what is nearly a setting may well be the application's own
 * @throws {ConfigError} with every fault found
 */
export function readStoreConfig(
  environment: Environment,
  lostInFile: readonly LostSetting[] = []
): StoreConfig {
  const { values, faults } = readSettings(environment, isOfStorage)
  const lost = [...lostInFile, ...blankSettings(environment)].filter(
    ({ name, why }) =>
      why !== 'misspelt' && settings.some((setting) => setting.name === name && isOfStorage(setting))
  )
  const all = [...faults, ...storageFaults(values, environment), ...lost.map(({ sentence }) => sentence)]
  if (all.length > 0) throw new ConfigError(all)
  return values
}

function isOfStorage({ group }: Setting): boolean {
  return group === 'storage'
}
