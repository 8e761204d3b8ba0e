import { closestMatch } from 'leven'
import { ConfigError } from '../errors/errors.ts'
import { localPath } from '../gate/return-path.ts'
import { isLatchkeyField } from '../sessions/session-record.ts'
import { isPlainPath } from '../web/public-paths.ts'
import { type Config, readConfig } from './config.ts'
import type { Environment } from './environment.ts'
import { optionName, settingByOption, withOptionNames } from './option-names.ts'
import type { ReportedSetting } from './report.ts'
import type { SettingOptions } from './setting-options.ts'
import { settings } from './settings.ts'

export interface LatchkeyOptions extends SettingOptions {
  /** false: no pages and routes of Latchkey, only the decorators. */
  readonly pages?: boolean | undefined
  /**
   * Who answers Latchkey's errors on the routes of the app, such as 401 when nobody is signed in. `latchkey`, the default,
   * leads browsers to sign-in and sends others problem+json. With `host` the error handlers of the app get them, as any
   * other error: `request.signInPath(error)` says where a browser has to go.
   */
  readonly errors?: 'latchkey' | 'host' | undefined
  /** The path after sign-in when no page was requested, without the prefix of the app: `/` by default. */
  readonly home?: string | undefined
  /** A path in front of Latchkey's own pages, such as `/shop`: none by default. */
  readonly prefix?: string
  /**
   * The path of pages for administrators, behind the prefix: `/admin`. Accounts whose role is `admin` may open them,
   * whatever roles the app has. None by default.
   */
  readonly admin?: string | undefined
  /**
   * Keys of a visitor's session that are copied to the session that starts at sign-in, such as `['cart']`.
   * None by default: somebody else may have put data into an anonymous session.
   */
  readonly keepAtSignIn?: readonly string[] | undefined
}

/**
 * Makes the configuration from options, with the rules and messages of readConfig.
 * @throws {ConfigError} with all faults
 */
export function readOptions({
  home = '/',
  prefix = '',
  appPrefix = '',
  pages = true,
  admin,
  keepAtSignIn = [],
  errors = 'latchkey',
  ...options
}: LatchkeyOptions & { readonly appPrefix?: string }): Config {
  const faults = Object.entries(options).flatMap(([option, value]) => {
    if (!settingByOption.has(option)) return [unknownOption(option)]
    return isWritten(value) ? [] : [`${option} is not a text, a number or a list of them`]
  })
  faults.push(
    ...homeFaults(home),
    ...prefixFaults(prefix),
    ...prefixFaults(appPrefix),
    ...adminFaults(admin, pages),
    ...keepAtSignInFaults(keepAtSignIn)
  )
  if (!['latchkey', 'host'].includes(errors))
    faults.push(`errors is "${errors}", it must be latchkey or host`)
  try {
    const config = readConfig(toEnvironment(options))
    faults.push(...config.warnings.map(withOptionNames), ...mailedLinkFaults(config, pages))
    if (faults.length === 0) return { ...config, report: () => reportOptions(config) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    faults.push(...error.faults.map(withOptionNames))
  }
  throw new ConfigError(faults)
}

/** Settings of the server are no options. */
function reportOptions({ report }: Config): readonly ReportedSetting[] {
  return report().flatMap(({ setting, from, ...written }) => {
    const option = optionName(setting)
    if (!settingByOption.has(option)) return []
    return [{ ...written, setting: option, from: from === 'environment' ? 'option' : from }]
  })
}

function homeFaults(home: unknown): string[] {
  if (typeof home !== 'string') return ['home is not a text, it must be a path of this site, such as /']
  return localPath(home, '/') === home ? [] : [`home is "${home}", it must be a path of this site, such as /`]
}

/** Links lead there: a parameter in it would have no value. */
function prefixFaults(prefix: unknown): string[] {
  if (prefix === '' || prefix === '/' || (typeof prefix === 'string' && isPlainPath(prefix))) return []
  return [`prefix is "${prefix}", it must be a path without parameters, such as /shop`]
}

/** Among our own pages, which have names of their own. */
function adminFaults(admin: unknown, pages: boolean): string[] {
  if (admin === undefined) return []
  if (!pages) return ['admin is set and pages is false: the pages of administrators are pages too']
  if (typeof admin === 'string' && isPlainPath(admin) && !ownPages.test(admin)) return []
  return [`admin is "${admin}", it must be a path without parameters that no other page has, such as /admin`]
}

/** Nobody could open the links, and accounts would stay without the addresses. */
function mailedLinkFaults({ registrationEmail }: Config, pages: boolean): string[] {
  if (pages || registrationEmail === 'off') return []
  return [`registrationEmail is ${registrationEmail} and pages is false: its mail leads to a page`]
}

const ownPages =
  /^\/(account|api|assets|confirm|dashboard|forgot|gate|health|invitation|login|logout|metrics|refused|register|reset)(\/|$)/

function keepAtSignInFaults(names: unknown): string[] {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    return ['keepAtSignIn is not a list of names, it must be one such as ["cart"]']
  return names.filter(isLatchkeyField).map((name) => `keepAtSignIn has ${name}, which belongs to Latchkey`)
}

function unknownOption(option: string): string {
  const isOfServers = settings.some(({ name }) => optionName(name) === option)
  if (isOfServers) return `${option} is an option of the server: pass it to Fastify`
  const inOurStyle = option.includes('_') ? optionName(option) : option
  const meant = closestMatch(inOurStyle, [...settingByOption.keys()], { maxDistance: 2 })
  return `${option} is not an option of Latchkey${meant ? `: did you mean ${meant}?` : ''}`
}

/** A program without types may pass anything. */
function isWritten(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((each) => typeof each === 'string' || typeof each === 'number')
  return value === undefined || value === null || typeof value === 'string' || typeof value === 'number'
}

function toEnvironment(options: SettingOptions): Environment {
  const written = Object.entries<unknown>({ ...options }).filter(([, value]) => isWritten(value))
  return Object.fromEntries(
    written.map(([option, value]) => [
      settingByOption.get(option) ?? '',
      value === undefined || value === null ? undefined : String(value)
    ])
  )
}
