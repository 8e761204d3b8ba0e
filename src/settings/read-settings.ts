import type { Environment } from './environment.ts'
import { isSetting, type Setting, type SettingsTable, type ValuesOf } from './setting.ts'
import { table } from './settings.ts'

export type Values = ValuesOf<typeof table>

export interface ReadSettings {
  /** Complete if there are no faults. */
  readonly values: Values
  /** A sentence for each wrong setting. */
  readonly faults: readonly string[]
}

/**
 * Reads each setting by itself; combinations are checked elsewhere. An empty setting counts as not set.
 * @param isWanted for other settings only the default is used
 */
export function readSettings(
  environment: Environment,
  isWanted: (setting: Setting) => boolean = () => true
): ReadSettings {
  const faults: string[] = []
  const values = valuesOf(table, (setting) => {
    const text = isWanted(setting) ? textOf(setting, environment) : undefined
    try {
      return setting.parse(text ?? setting.default ?? '')
    } catch (error) {
      faults.push(`${setting.name} ${faultOf(error)}`)
    }
  })
  return { values, faults }
}

/** The text of a setting; undefined if it is not set. */
export function textOf({ name }: Setting, environment: Environment): string | undefined {
  // A program without types may pass anything.
  return String(environment[name] ?? '').trim() || undefined
}

/** A parser's message continues after the name of the setting; a message of the file system does not. */
function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return `cannot be used: ${error}`
  return 'code' in error ? `cannot be read: ${error.message}` : error.message
}

function valuesOf<Table extends SettingsTable>(
  table: Table,
  read: (setting: Setting) => unknown
): ValuesOf<Table> {
  const values = Object.entries(table).map(([property, entry]) => [
    property,
    isSetting(entry) ? read(entry) : valuesOf(entry, read)
  ])
  return Object.fromEntries(values)
}
