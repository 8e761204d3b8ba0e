/** What a setting is about. `storage` is what keeping sessions takes, `server` what a host app's own server has itself. */
export type Group = 'address' | 'cookie' | 'storage' | 'accounts' | 'pages' | 'server'

/** How a text becomes a value. The library takes an `Option` beside the text. */
export interface Parser<Value, Option = string> {
  /** @throws {Error} whose message ends a sentence that begins with the name of the setting */
  (text: string): Value
  /** For the compiler alone: never set. */
  readonly option?: Option
}

interface Row<Value, Option> {
  readonly group: Group
  readonly parse: Parser<Value, Option>
  /** What holds where it is not set: a text that `parse` takes. Without one, `parse` is given an empty text. */
  readonly default?: string
  /** What is so without a default, in words. */
  readonly unset?: string
  /** One line, as the README has it. */
  readonly help: string
  /** What of it nobody may see: everything, or the password in an address. */
  readonly secret?: 'whole' | 'password'
  /** Whether somebody is less safe without it: then what is lost of it in `.env` or by its name stops the start. */
  readonly protects?: true
}

/** One setting: all there is to know of it. */
export interface Setting<Name extends string = string, Value = unknown, Option = unknown>
  extends Row<Value, Option> {
  /** In the environment and in `.env`. */
  readonly name: Name
}

/** Where a setting is in the table, its value is in the configuration. */
export interface SettingsTable {
  readonly [property: string]: Setting | SettingsTable
}

export type ValuesOf<Table> = {
  readonly [Property in keyof Table]: Table[Property] extends Setting<string, infer Value>
    ? Value
    : ValuesOf<Table[Property]>
}

/** The settings of a table, those in its parts too. */
export type SettingsOf<Table> = {
  [Property in keyof Table]: Table[Property] extends Setting ? Table[Property] : SettingsOf<Table[Property]>
}[keyof Table]

/** A row of the table. */
export function setting<const Name extends string, Value, Option = string>(
  name: Name,
  row: Row<Value, Option>
): Setting<Name, Value, Option> {
  return { name, ...row }
}

export function isSetting(entry: Setting | SettingsTable): entry is Setting {
  return typeof entry.parse === 'function'
}

export function settingsIn(table: SettingsTable): readonly Setting[] {
  return Object.values(table).flatMap((entry) => (isSetting(entry) ? [entry] : settingsIn(entry)))
}
