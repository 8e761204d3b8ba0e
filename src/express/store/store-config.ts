import { ConfigError } from '../../errors/errors.ts'
import { type Config, storageFaults } from '../../settings/config.ts'
import type { Environment } from '../../settings/environment.ts'
import { blankSettings, type LostSetting } from '../../settings/lost-settings.ts'
import { readSettings } from '../../settings/read-settings.ts'
import type { Setting } from '../../settings/setting.ts'
import { settings } from '../../settings/settings.ts'

/** The part of the configuration that storing sessions needs. */
export type StoreConfig = Pick<
  Config,
  | 'redisUrl'
  | 'redisPrefix'
  | 'database'
  | 'sessionIds'
  | 'sessionsPerAccount'
  | 'sessionCache'
  | 'lifetimes'
  | 'storagePatience'
>

/**
 * As readConfig, for an application that only stores its sessions here. Other variables, such as PORT or
 * SESSION_SECRET, belong to the application.
 * @param lostInFile as in Sources: a name that is nearly a setting may be the application's own
 * @throws {ConfigError} with all faults
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
