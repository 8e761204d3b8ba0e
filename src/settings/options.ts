import { closestMatch } from 'leven'
import { ConfigError } from '../errors/errors.ts'
import { localPath } from '../gate/return-path.ts'
import { isLatchkeyField } from '../sessions/session-record.ts'
import { type Config, readConfig } from './config.ts'
import type { Environment } from './environment.ts'
import { optionName, settingByOption, withOptionNames } from './option-names.ts'
import type { SettingOptions } from './setting-options.ts'
import { settings } from './settings.ts'

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

/**
 * Makes the configuration out of options, by the rules and with the sentences of readConfig.
 * @throws {ConfigError} with every fault found
 */
export function readOptions({
  home = '/',
  keepAtSignIn = [],
  ...options
}: Omit<LatchkeyOptions, 'pages'>): Config {
  const faults = Object.keys(options)
    .filter((option) => !settingByOption.has(option))
    .map(unknownOption)
  if (localPath(home, '/') !== home)
    faults.push(`home is "${home}", it must be a path of this site, such as /`)
  faults.push(
    ...keepAtSignIn.filter(isLatchkeyField).map((name) => `keepAtSignIn has ${name}, which is Latchkey's own`)
  )
  try {
    const config = readConfig(toEnvironment(options))
    faults.push(...config.warnings.map(withOptionNames))
    if (faults.length === 0) return config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    faults.push(...error.faults.map(withOptionNames))
  }
  throw new ConfigError(faults)
}

function unknownOption(option: string): string {
  const isOfServers = settings.some(({ name }) => optionName(name) === option)
  if (isOfServers) return `${option} is the server's own: give it to Fastify`
  const inOurStyle = option.includes('_') ? optionName(option) : option
  const meant = closestMatch(inOurStyle, [...settingByOption.keys()], { maxDistance: 2 })
  return `${option} is no option of Latchkey${meant ? `: is ${meant} meant?` : ''}`
}

function toEnvironment(options: SettingOptions): Environment {
  const values = Object.entries<SettingOptions[keyof SettingOptions]>({ ...options })
  return Object.fromEntries(
    values.map(([option, value]) => [settingByOption.get(option) ?? '', value?.toString()])
  )
}
