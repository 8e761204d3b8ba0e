import { type DatabaseAddress, parseDatabaseUrl } from '../../database/database-address.ts'
import { ConfigError } from '../../errors/errors.ts'
import { parseRedisAddress } from '../../redis/address.ts'
import { type Config, storageFaults } from '../../settings/config.ts'
import type { Environment } from '../../settings/environment.ts'
import { blankSettings, type LostSetting } from '../../settings/lost-settings.ts'
import { readSettings } from '../../settings/read-settings.ts'
import { secretNames } from '../../settings/secret-files.ts'
import type { Setting } from '../../settings/setting.ts'
import { settings } from '../../settings/settings.ts'

/** The part of the configuration that storing sessions needs. */
export interface StoreConfig extends StorageSettings {
  /**
   * With Redis, the accounts database of the service, DATABASE_URL there: ACCOUNTS_URL. What this app ends is written
   * down there, and what is over there is nobody's here, also after a loss of Redis.
   */
  readonly accounts: DatabaseAddress | undefined
}

type StorageSettings = Pick<
  Config,
  | 'redisUrl'
  | 'redisPrefix'
  | 'database'
  | 'sessionIds'
  | 'sessionsPerAccount'
  | 'sessionCache'
  | 'sessionCacheUntracked'
  | 'lifetimes'
  | 'storagePatience'
>

/** What may be in a file: other files belong to the application. */
export const storageSecrets: readonly string[] = [
  ...secretNames.filter((name) => settings.some((setting) => setting.name === name && isOfStorage(setting))),
  'ACCOUNTS_URL'
]

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
  const accounts = readAccounts(environment)
  const all = [
    ...faults,
    ...storageFaults(values, environment),
    ...lost.map(({ sentence }) => sentence),
    ...accounts.faults
  ]
  if (all.length > 0) throw new ConfigError(all)
  return { ...values, accounts: accounts.address }
}

/** What is not promised without ACCOUNTS_URL. */
export function accountsWarnings({
  redisUrl,
  accounts
}: Pick<StoreConfig, 'redisUrl' | 'accounts'>): string[] {
  if (redisUrl === undefined || accounts) return []
  const isCluster = parseRedisAddress(redisUrl).kind === 'cluster'
  return [
    `ACCOUNTS_URL is not set: ${isCluster ? onCluster : onRedis} Set it to the DATABASE_URL of the service.`
  ]
}

const onRedis =
  'when Redis loses what it has stored last, ended sessions come back until the service ends them again, and those ' +
  'that this app has ended in the last seconds, or while no service ran, stay.'

const onCluster =
  'on a Cluster this app does not ask what has ended. When the Cluster loses what it has stored last, ended ' +
  'sessions come back, and a sign-in under way outlives the end of all sessions of its user.'

function readAccounts({ ACCOUNTS_URL: value = '' }: Environment) {
  try {
    return { address: value === '' ? undefined : parseDatabaseUrl(value), faults: [] }
  } catch (error) {
    return { address: undefined, faults: [`ACCOUNTS_URL ${error instanceof Error ? error.message : error}`] }
  }
}

function isOfStorage({ group }: Setting): boolean {
  return group === 'storage'
}
