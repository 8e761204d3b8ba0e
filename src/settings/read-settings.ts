import type { Environment } from './environment.ts'
import { isSetting, type Setting, type SettingsTable, type ValuesOf } from './setting.ts'
import { table } from './settings.ts'

export type Values = ValuesOf<typeof table>

export interface ReadSettings {
  /** Whole where there is no fault. */
  readonly values: Values
  /** A sentence for each setting that is wrong. */
  readonly faults: readonly string[]
}

/**
 * Reads each setting by itself, and says nothing of what does not go together. An empty one counts as not set.
 * @param isWanted of the others only the default is looked at
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

/** What a setting is set to; undefined where it is not. */
export function textOf({ name }: Setting, environment: Environment): string | undefined {
  // A program without types may pass anything.
  return String(environment[name] ?? '').trim() || undefined
}

/** What parsing says itself goes on after the name of the setting; what the system says of a file does not. */
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
