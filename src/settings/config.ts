import { maxConcurrentHashes } from '../accounts/hash-cost.ts'
import { ConfigError } from '../errors/errors.ts'
import { passkeyDomainFaults } from '../factors/passkeys/relying-party.ts'
import { unknownHostFaults } from '../gate/rules/rules-file.ts'
import { sharedCookieFaults } from '../gate/shared-cookie.ts'
import { languageFaults } from '../i18n/language-tags.ts'
import { missingFor } from '../mail/mail-target.ts'
import { isLoopback } from '../mail/mail-url.ts'
import { cookieNameFaults } from '../sessions/cookie/session-cookie.ts'
import { type Environment, merged, readSources } from './environment.ts'
import { blankSettings, isDangerous, type LostSetting, misspeltSettings } from './lost-settings.ts'
import { readSettings, type Values } from './read-settings.ts'
import { type ReportedSetting, reportSettings } from './report.ts'

/** All settings, and what follows from them. */
export interface Config extends Values {
  /** How many passwords are hashed at the same time. */
  readonly maxConcurrentHashes: number
  /** Settings that have no effect, or not the whole one: logged when the service starts. */
  readonly warnings: readonly string[]
  /** The settings in force, without secrets. */
  readonly report: () => readonly ReportedSetting[]
}

/** The configuration from the environment and `.env`. @throws {ConfigError} as readConfig */
export function readOwnConfig(): Config {
  const sources = readSources()
  return { ...readConfig(merged(sources), sources.lost), report: () => reportSettings(sources) }
}

/**
 * Makes the configuration from environment variables; an empty one counts as not set.
 * @param lostInFile further settings without effect in `.env`
 * @throws {ConfigError} with all faults, not only the first
 */
export function readConfig(environment: Environment, lostInFile: readonly LostSetting[] = []): Config {
  const { values, faults: single } = readSettings(environment)
  const lost = [...lostInFile, ...blankSettings(environment), ...misspeltSettings(environment, 'environment')]
  const faults = [
    ...single,
    ...storageFaults(values, environment),
    ...secretFaults(values),
    ...secondFactorFaults(values),
    ...mailFaults(values),
    ...registrationEmailFaults(values),
    ...(values.gateRules?.faults ?? []).map((fault) => `GATE_RULES ${fault}`),
    ...lostFaults(lost, environment)
  ]
  // Only if each of them is valid by itself.
  if (faults.length === 0)
    faults.push(
      ...sharedCookieFaults(values),
      ...ruleHostFaults(values),
      ...passkeyDomainFaults(values),
      ...cookieNameFaults(values),
      ...languageFaults(values)
    )
  if (faults.length > 0) throw new ConfigError(faults)
  return {
    ...values,
    maxConcurrentHashes: maxConcurrentHashes(values.threads, values.passwordHash.lanes),
    warnings: unique(lost.map(({ sentence }) => sentence)),
    report: () => reportSettings({ environment, file: {}, lost: [] })
  }
}

/** A lost setting that protects people stops the start: nobody might read a warning. */
export function lostFaults(lost: readonly LostSetting[], environment: Environment): string[] {
  const dangerous = lost.filter((setting) => isDangerous(setting, environment))
  return unique(dangerous.map(({ sentence }) => sentence.replace(/\.$/, '')))
}

/** A misspelt name in `.env` is found both there and among all variables. */
function unique(sentences: readonly string[]): string[] {
  return [...new Set(sentences)]
}

/** Whether sessions can be stored at all; a sentence if not. */
export function storageFaults({ database }: Partial<Values>, { REDIS_URL }: Environment): string[] {
  if (database?.kind !== 'postgres' || REDIS_URL?.trim()) return []
  return [
    'REDIS_URL is not set, and with PostgreSQL in DATABASE_URL there is no embedded database to store sessions in: set it, such as redis://localhost:6379'
  ]
}

function ruleHostFaults({ gateRules, gateHosts }: Values): string[] {
  const faults = gateRules ? unknownHostFaults(gateRules, gateHosts) : []
  return faults.map((fault) => `GATE_RULES ${fault}`)
}

function secretFaults({ redisUrl, database, sessionSecrets }: Partial<Values>): string[] {
  const isShared = redisUrl !== undefined || database?.kind === 'postgres'
  if (!isShared || sessionSecrets?.length !== 0) return []
  return [
    'SESSION_SECRET is not set, and with REDIS_URL every machine needs the same one: make one with "openssl rand -hex 32"'
  ]
}

/** Whoever must set a second factor up must be able to. */
function secondFactorFaults({ secondFactor, database, dataKeys }: Partial<Values>): string[] {
  if (!secondFactor || secondFactor === 'optional' || database?.kind !== 'postgres' || dataKeys?.length !== 0)
    return []
  return [
    `SECOND_FACTOR is ${secondFactor}, and DATA_KEYS is not set, without which nobody can set codes up: make one with "openssl rand -hex 32"`
  ]
}

/** Where MAIL_URL is not set, mail is on only on localhost: see mail-target. */
function registrationEmailFaults({ registrationEmail, mailUrl }: Partial<Values>): string[] {
  if (!registrationEmail || registrationEmail === 'off' || mailUrl?.kind !== 'off') return []
  return [`REGISTRATION_EMAIL is ${registrationEmail}, and ${missingFor.off}`]
}

/** What is posted is sealed, and its links lead to PUBLIC_URL. */
function mailFaults({ mailUrl, publicUrl, database, dataKeys }: Partial<Values>): string[] {
  if (!mailUrl || mailUrl.kind === 'off') return []
  const hasNoKey = database?.kind === 'postgres' && dataKeys?.length === 0
  const leadsNowhere = !publicUrl && mailUrl.kind === 'smtp' && !isLoopback(mailUrl.host)
  return [
    ...(hasNoKey
      ? [
          'MAIL_URL is set and DATA_KEYS is not, which seals mail that waits: make one with "openssl rand -hex 32"'
        ]
      : []),
    ...(leadsNowhere ? ['MAIL_URL is set and PUBLIC_URL is not, where the links in mail lead'] : [])
  ]
}
