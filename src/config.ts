import { readFileSync } from 'node:fs'
import type { Registration } from './accounts/accounts.ts'
import { hashesAtOnce, parseHashCost } from './accounts/hash-cost.ts'
import type { PasswordSettings } from './accounts/passwords.ts'
import { parseOrigins, parsePublicUrl, parseTrustProxy } from './addresses.ts'
import { parseDatabaseUrl } from './database/database-address.ts'
import { parseDuration, parsePatience } from './durations.ts'
import { parseEnvFile } from './env-file.ts'
import { ConfigError } from './errors.ts'
import type { GateSettings } from './gate/gate-hosts.ts'
import { parseCookieDomain, parseGateHosts, sharedCookieFaults } from './gate/shared-cookie.ts'
import { type Look, parseColor, parseLogo, parseSiteName } from './look/look.ts'
import { parseReaders } from './metrics/readers.ts'
import { type Misspelt, misspeltSettings } from './misspelt-settings.ts'
import type { SessionLifetimes } from './sessions/lifetimes.ts'
import type { SessionStoreSettings } from './sessions/open-session-store.ts'
import { parseRedisAddress } from './sessions/redis-address.ts'
import { type CookieSettings, cookieNameFaults, parseCookieName } from './sessions/session-cookie.ts'
import type { SessionIds } from './sessions/session-keys.ts'
import type { SigningSettings } from './sessions/signing-secrets.ts'
import { type LanguageSettings, languageFaults, parseLanguageTags } from './texts/language-tags.ts'
import { readOwnTexts } from './texts/own-texts.ts'
import { parseViewsFolder } from './views/own-folder.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Every setting. Those of one noun are explained where it is. */
export interface Config
  extends CookieSettings,
    GateSettings,
    LanguageSettings,
    PasswordSettings,
    SessionStoreSettings,
    SigningSettings {
  /** 0 lets the system choose a free one. fastify-cli listens; here it is only checked. */
  readonly port: number
  /** Other sites whose forms may post here. */
  readonly trustedOrigins: readonly string[]
  /** What Fastify's `trustProxy` takes: whose X-Forwarded-* headers to believe. */
  readonly trustProxy: false | string[]
  readonly sessionIds: SessionIds
  readonly registration: Registration
  readonly lifetimes: SessionLifetimes
  /** In code points, after NFC. */
  readonly passwordMinLength: number
  /** How long the audit trail is kept, in milliseconds. */
  readonly auditRetention: number
  /** A folder whose views stand in for ours of the same name. */
  readonly views: string | undefined
  readonly look: Look
  /** Whose requests /metrics answers: addresses and networks. */
  readonly metricsReaders: readonly string[]
  /** How long the process may keep everybody waiting, in milliseconds, before it answers new requests with 503. */
  readonly longestStall: number
  readonly logLevel: string
  /** Variables that are no settings, but nearly are: said when the service starts. */
  readonly misspelt: readonly Misspelt[]
}

/** The variables of this process over those in `.env`, which need not exist. */
export function readEnvironment(): Environment {
  // Node itself reads this one, and never from a file.
  const { UV_THREADPOOL_SIZE, ...file } = dotEnv()
  return { ...file, ...process.env }
}

/**
 * Makes the configuration out of environment variables; an empty one counts as not set.
 * @throws {ConfigError} with every fault found, not only the first
 */
export function readConfig(environment: Environment): Config {
  const faults: string[] = []
  const settings: string[] = []
  const setting = <T>(name: string, fallback: string, parse: (value: string) => T): T => {
    settings.push(name)
    const value = environment[name]?.trim() || fallback
    try {
      return parse(value)
    } catch (error) {
      faults.push(`${name} ${error instanceof Error ? error.message : error}`)
      // Never used: faults end in a ConfigError below.
      return undefined as T
    }
  }

  const redisUrl = setting('REDIS_URL', '', parseRedisUrl)
  const passwordHash = setting('PASSWORD_HASH', 'm=12288,t=3,p=1', parseHashCost)
  const threads = setting('UV_THREADPOOL_SIZE', '4', wholeNumber(1, 1024))
  const config: Config = {
    port: setting('PORT', '3000', wholeNumber(0, 65_535)),
    publicUrl: setting('PUBLIC_URL', '', parsePublicUrl),
    trustedOrigins: setting('TRUSTED_ORIGINS', '', parseOrigins),
    gateHosts: setting('GATE_HOSTS', '', parseGateHosts),
    cookieDomain: setting('COOKIE_DOMAIN', '', parseCookieDomain),
    cookieName: setting('SESSION_COOKIE', '', parseCookieName),
    trustProxy: setting('TRUST_PROXY', '', parseTrustProxy),
    database: setting('DATABASE_URL', 'file:./data/latchkey.db', parseDatabaseUrl),
    redisUrl,
    sessionSecrets: setting('SESSION_SECRET', '', parseSecrets),
    storagePatience: setting('STORAGE_PATIENCE', '500ms', parsePatience),
    sessionIds: setting('SESSION_IDS', 'hashed', oneOf('hashed', 'plain')),
    sessionCache: setting('SESSION_CACHE', '10000', wholeNumber(0, 1_000_000)),
    registration: setting('REGISTRATION', 'first', oneOf('first', 'open', 'closed')),
    lifetimes: {
      idle: setting('SESSION_IDLE', '30m', parseDuration),
      absolute: setting('SESSION_LIFETIME', '12h', parseDuration),
      rememberIdle: setting('REMEMBER_IDLE', '14d', parseDuration),
      rememberAbsolute: setting('REMEMBER_LIFETIME', '30d', parseDuration)
    },
    passwordMinLength: setting('PASSWORD_MIN_LENGTH', '15', wholeNumber(8, 64)),
    passwordHash,
    passwordPeppers: setting('PASSWORD_PEPPERS', '', parseSecrets),
    hashesAtOnce: hashesAtOnce(threads, passwordHash?.lanes),
    languages: setting('LANGUAGES', '', parseLanguageTags),
    texts: setting('TEXTS', '', readOwnTexts),
    auditRetention: setting('AUDIT_RETENTION', '90d', parseDuration),
    views: setting('VIEWS', '', parseViewsFolder),
    look: {
      name: setting('SITE_NAME', 'Latchkey', parseSiteName),
      logo: setting('SITE_LOGO', '', parseLogo),
      color: setting('SITE_COLOR', '', parseColor)
    },
    metricsReaders: setting('METRICS', 'loopback', parseReaders),
    longestStall: setting('MAX_STALL', '2s', parseDuration),
    logLevel: setting(
      'LOG_LEVEL',
      'info',
      oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent')
    ),
    misspelt: misspeltSettings(Object.keys(environment), settings)
  }

  const isShared = config.database?.kind === 'postgres'
  if (isShared && !environment.REDIS_URL?.trim()) {
    faults.push(
      'REDIS_URL is not set, and with PostgreSQL in DATABASE_URL there is no embedded database to keep sessions in: set it, such as redis://localhost:6379'
    )
  }
  if ((redisUrl || isShared) && config.sessionSecrets?.length === 0) {
    faults.push(
      'SESSION_SECRET is not set, and with REDIS_URL every machine needs the same one: make one with "openssl rand -hex 32"'
    )
  }
  // Not before each of them is right for itself.
  if (faults.length === 0)
    faults.push(...sharedCookieFaults(config), ...cookieNameFaults(config), ...languageFaults(config))
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

function dotEnv(): Environment {
  try {
    return parseEnvFile(readFileSync('.env', 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    if (error instanceof ConfigError) throw error
    throw new ConfigError([`.env cannot be read: ${error instanceof Error ? error.message : error}`])
  }
}

function wholeNumber(least: number, most: number) {
  return (value: string) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return number
    throw new Error(`is "${value}", it must be a whole number from ${least} to ${most}`)
  }
}

function oneOf<const T extends string>(...choices: T[]) {
  return (value: string): T => {
    const choice = choices.find((candidate) => candidate === value)
    if (choice) return choice
    throw new Error(`is "${value}", it must be one of ${choices.join(', ')}`)
  }
}

function parseRedisUrl(value: string): string | undefined {
  if (value === '') return undefined
  parseRedisAddress(value)
  return value
}

/** 32 characters hold 128 random bits in hex (ASVS 7.2.3); @fastify/session checks this for a lone string only. */
function parseSecrets(value: string): string[] {
  if (value === '') return []
  const secrets = value.split(',').map((secret) => secret.trim())
  const short = secrets.findIndex((secret) => secret.length < 32)
  if (short < 0) return secrets
  const which = secrets.length > 1 ? ` in its ${ordinal(short)} secret` : ''
  throw new Error(
    `has ${secrets[short]?.length} characters${which}, it needs 32 or more: make one with "openssl rand -hex 32"`
  )
}

function ordinal(index: number): string {
  return ['first', 'second', 'third'][index] ?? `${index + 1}th`
}
