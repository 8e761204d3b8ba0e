import { hashesAtOnce } from '../accounts/hash-cost.ts'
import { ConfigError } from '../errors/errors.ts'
import { sharedCookieFaults } from '../gate/shared-cookie.ts'
import { languageFaults } from '../i18n/language-tags.ts'
import { cookieNameFaults } from '../sessions/cookie/session-cookie.ts'
import type { Environment } from './environment.ts'
import { type Misspelt, misspeltSettings } from './misspelt-settings.ts'
import { readSettings, type Values } from './read-settings.ts'
import { settings } from './settings.ts'

/** What every setting says, and what follows from them. */
export interface Config extends Values {
  /** How many passwords are hashed at the same time. */
  readonly hashesAtOnce: number
  /** Variables that are no settings, but nearly are: said when the service starts. */
  readonly misspelt: readonly Misspelt[]
}

/**
 * Makes the configuration out of environment variables; an empty one counts as not set.
 * @throws {ConfigError} with every fault found, not only the first
 */
export function readConfig(environment: Environment): Config {
  const { values, faults: single } = readSettings(environment)
  const faults = [...single, ...storageFaults(values, environment), ...secretFaults(values)]
  // Not before each of them is right for itself.
  if (faults.length === 0)
    faults.push(...sharedCookieFaults(values), ...cookieNameFaults(values), ...languageFaults(values))
  if (faults.length > 0) throw new ConfigError(faults)
  const names = settings.map(({ name }) => name)
  return {
    ...values,
    hashesAtOnce: hashesAtOnce(values.threads, values.passwordHash.lanes),
    misspelt: misspeltSettings(Object.keys(environment), names)
  }
}

/** Where sessions can be kept at all, in a sentence where they cannot. */
export function storageFaults({ database }: Partial<Values>, { REDIS_URL }: Environment): string[] {
  if (database?.kind !== 'postgres' || REDIS_URL?.trim()) return []
  return [
    'REDIS_URL is not set, and with PostgreSQL in DATABASE_URL there is no embedded database to keep sessions in: set it, such as redis://localhost:6379'
  ]
}

function secretFaults({ redisUrl, database, sessionSecrets }: Partial<Values>): string[] {
  const isShared = redisUrl !== undefined || database?.kind === 'postgres'
  if (!isShared || sessionSecrets?.length !== 0) return []
  return [
    'SESSION_SECRET is not set, and with REDIS_URL every machine needs the same one: make one with "openssl rand -hex 32"'
  ]
}
