import { existsSync } from 'node:fs'
import { type SecretFile, secretFile } from '../database/secret-file.ts'
import { withoutSecrets } from '../web/addresses.ts'
import { merged, type Sources } from './environment.ts'
import { readSettings, textOf } from './read-settings.ts'
import { fileVariable } from './secret-files.ts'
import type { Setting } from './setting.ts'
import { settings } from './settings.ts'

/** A setting as an operator may see it. */
export interface ReportedSetting {
  readonly setting: string
  /** As written, without secrets; null if it has none. */
  readonly value: string | null
  /** `environment`, `.env`, `default`, or the file that contains it. */
  readonly from: string
  /** The default value, or in parentheses what applies without one. */
  readonly default: string
}

const hidden = '(hidden)'

/** All settings, valid or not, in the order of the table. */
export function reportSettings(sources: Sources): readonly ReportedSetting[] {
  const made = madeFiles(sources)
  return settings.map((setting) => {
    const from = made[setting.name]
    return {
      setting: setting.name,
      ...(from ? { value: hidden, from } : written(setting, sources)),
      default: setting.default ?? `(${plain(setting.unset)})`
    }
  })
}

/** All settings with name, help and default. */
export function explainSettings(): string {
  return settings
    .map((setting) => {
      const without = setting.default ?? plain(setting.unset)
      return `  ${setting.name}\n    ${plain(setting.help)} (by default: ${without})`
    })
    .join('\n')
}

function written(setting: Setting, { environment, file }: Sources) {
  for (const [from, variables] of [
    ['environment', environment],
    ['.env', file]
  ] as const) {
    const text = textOf(setting, variables)
    const inFile = variables[fileVariable(setting.name)]?.trim()
    if (text !== undefined) return { value: shown(setting, text), from: inFile || from }
  }
  return { value: setting.default ?? null, from: 'default' }
}

/** A mistyped address may have its password anywhere. */
function shown({ secret, parse }: Setting, text: string): string {
  if (secret === undefined) return text
  try {
    parse(text)
    return secret === 'whole' ? hidden : withoutSecrets(text)
  } catch {
    return hidden
  }
}

/** The files of generated secrets that are used, by their settings. */
function madeFiles(sources: Sources): Readonly<Record<string, string | undefined>> {
  const { database, sessionSecrets, dataKeys } = readSettings(merged(sources)).values
  const made = (given: readonly string[] | undefined, name: SecretFile) => {
    const file = given?.length === 0 && database ? secretFile(database, name) : undefined
    return file && existsSync(file) ? file : undefined
  }
  return { SESSION_SECRET: made(sessionSecrets, 'session.secret'), DATA_KEYS: made(dataKeys, 'data.key') }
}

/** Without Markdown. */
function plain(text = ''): string {
  return text.replace(/\[(.+?)\]\(.+?\)/g, '$1').replaceAll('`', '')
}
