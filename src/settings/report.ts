import { existsSync } from 'node:fs'
import { secretFile } from '../sessions/cookie/signing-secrets.ts'
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
  const made = madeFile(sources)
  return settings.map((setting) => ({
    setting: setting.name,
    ...(setting.name === 'SESSION_SECRET' && made
      ? { value: hidden, from: made }
      : written(setting, sources)),
    default: setting.default ?? `(${plain(setting.unset)})`
  }))
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

/** The file of the generated secret; undefined if there is none. */
function madeFile(sources: Sources): string | undefined {
  const { database, sessionSecrets } = readSettings(merged(sources)).values
  const made = sessionSecrets?.length === 0 && database ? secretFile(database) : undefined
  return made && existsSync(made) ? made : undefined
}

/** Without Markdown. */
function plain(text = ''): string {
  return text.replace(/\[(.+?)\]\(.+?\)/g, '$1').replaceAll('`', '')
}
