import { closestMatch } from 'leven'
import type { Registration } from './accounts/accounts.ts'
import { type Config, type Environment, readConfig } from './config.ts'
import { ConfigError } from './errors.ts'
import { pathHere } from './next-path.ts'
import type { SessionIds } from './sessions/session-keys.ts'
import { isLatchkeys } from './sessions/session-record.ts'

/**
 * Every setting of the README under its name in camelCase: `SESSION_IDLE` is `sessionIdle`. The environment is
 * not read; undefined counts as not set. Lists may be arrays, durations are written `45s`, `30m`, `12h`, `30d`.
 */
export interface SettingOptions {
  /** The address people open; with https the cookie is Secure and `__Host-`. */
  readonly publicUrl?: string | undefined
  /** Other sites whose forms may post here. */
  readonly trustedOrigins?: string | readonly string[] | undefined
  /** Other apps that ask at /gate who is signed in: their hosts, under `cookieDomain`. */
  readonly gateHosts?: string | readonly string[] | undefined
  readonly cookieDomain?: string | undefined
  /** The name of a cookie that is shared with another app, such as `connect.sid`. */
  readonly sessionCookie?: string | undefined
  /** `file:./data/latchkey.db` by default, or `postgres://…`. */
  readonly databaseUrl?: string | undefined
  /** Keeps sessions in this Redis instead of the embedded database; needs `sessionSecret`. */
  readonly redisUrl?: string | undefined
  /** 32 characters or more; of several the first signs cookies and all verify. */
  readonly sessionSecret?: string | readonly string[] | undefined
  /** How long an answer of storage is waited for: `500ms` by default. */
  readonly storagePatience?: string | undefined
  readonly sessionIds?: SessionIds | undefined
  /** How many sessions stay in the process. */
  readonly sessionCache?: number | undefined
  /** A session not used for this long is over: `30m` by default. */
  readonly sessionIdle?: string | undefined
  /** A session is over this long after signing in, whatever happens: `12h` by default. */
  readonly sessionLifetime?: string | undefined
  readonly rememberIdle?: string | undefined
  readonly rememberLifetime?: string | undefined
  /** `first` by default: whoever comes first, until there is an account. */
  readonly registration?: Registration | undefined
  /** 15 by default, from 8 to 64. */
  readonly passwordMinLength?: number | undefined
  /** An argon2id cost such as `m=12288,t=3,p=1`. */
  readonly passwordHash?: string | undefined
  /** Secrets in the hashes, 32 characters or more; of several the first is in new ones and all verify. */
  readonly passwordPeppers?: string | readonly string[] | undefined
  /** What pages come in, such as `['de', 'en']`: all there are by default, as the browser likes. */
  readonly languages?: string | readonly string[] | undefined
  /** A folder with JSON files such as `de.json` that say some things in other words. */
  readonly texts?: string | undefined
  readonly auditRetention?: string | undefined
  /** What pages call the site: `Latchkey` by default. */
  readonly siteName?: string | undefined
  /** A file with a picture. */
  readonly siteLogo?: string | undefined
  /** Of links and buttons, such as `#2f5d50`; made darker or lighter until it can be read. */
  readonly siteColor?: string | undefined
  /** A folder with Eta views of your own; those that are not in it are ours. */
  readonly views?: string | undefined
}

export interface LatchkeyOptions extends SettingOptions {
  /** false: no page and no address of ours, only what a request can do. */
  readonly pages?: boolean | undefined
  /** Where signing in leads when nobody asked for another page: `/` by default. */
  readonly home?: string | undefined
  /**
   * Names of what a visitor may have in the session before signing in, such as `['cart']`, and has there still
   * afterwards. Nothing by default: what is in a session that nobody signed in to, somebody else may have put there.
   */
  readonly keepAtSignIn?: readonly string[] | undefined
}

/** By option the setting. */
type Names = ReadonlyMap<string, string>

/** These are what the app's own server is started with. */
const settingsOfServers = new Set([
  'PORT',
  'TRUST_PROXY',
  'LOG_LEVEL',
  'METRICS',
  'MAX_STALL',
  'UV_THREADPOOL_SIZE'
])

/**
 * Makes the configuration out of options, by the rules and with the sentences of readConfig.
 * @throws {ConfigError} with every fault found
 */
export function readOptions({
  home = '/',
  keepAtSignIn = [],
  ...options
}: Omit<LatchkeyOptions, 'pages'>): Config {
  const names = settingNames()
  const faults = Object.keys(options)
    .filter((option) => !names.has(option))
    .map((option) => unknownOption(option, names))
  if (pathHere(home, '/') !== home)
    faults.push(`home is "${home}", it must be a path of this site, such as /`)
  faults.push(
    ...keepAtSignIn.filter(isLatchkeys).map((name) => `keepAtSignIn has ${name}, which is Latchkey's own`)
  )
  try {
    const config = readConfig(toEnvironment(options, names))
    if (faults.length === 0) return config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    faults.push(...error.faults.map((fault) => inOptionNames(fault, names)))
  }
  throw new ConfigError(faults)
}

/** What there is, readConfig itself tells by what it asks for. */
function settingNames(): Names {
  const names = new Map<string, string>()
  const remember = (name: string) => {
    if (!settingsOfServers.has(name)) names.set(optionName(name), name)
    return undefined
  }
  readConfig(new Proxy<Environment>({}, { get: (_, name) => remember(String(name)) }))
  return names
}

function unknownOption(option: string, names: Names): string {
  if (settingsOfServers.has(settingName(option))) return `${option} is the server's own: give it to Fastify`
  const inOurStyle = option.includes('_') ? optionName(option) : option
  const meant = closestMatch(inOurStyle, [...names.keys()], { maxDistance: 2 })
  return `${option} is no option of Latchkey${meant ? `: is ${meant} meant?` : ''}`
}

function toEnvironment(options: SettingOptions, names: Names): Environment {
  const values = Object.entries<SettingOptions[keyof SettingOptions]>({ ...options })
  return Object.fromEntries(values.map(([option, value]) => [names.get(option) ?? '', value?.toString()]))
}

function inOptionNames(fault: string, names: Names): string {
  return [...names].reduce(
    (text, [option, name]) => text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), option),
    fault
  )
}

function optionName(setting: string): string {
  return setting.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

function settingName(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}
