/**
 * The area of a setting. `storage` is needed to store sessions; `server` settings belong to a server, so a
 * host app has its own.
 */
export type Group = 'address' | 'cookie' | 'storage' | 'accounts' | 'pages' | 'server'

/** Parses a text. The library takes an `Option` as well. */
export interface Parser<Value, Option = string> {
  /** @throws {Error} with a message that completes a sentence starting with the name of the setting */
  (text: string): Value
  /** For the compiler only: never set. */
  readonly option?: Option
}

interface Row<Value, Option> {
  readonly group: Group
  readonly parse: Parser<Value, Option>
  /** The text to parse if the setting is not set. Without one, the empty text is parsed. */
  readonly default?: string
  /** What applies without a default, in words. */
  readonly unset?: string
  /** One line, for the README. */
  readonly help: string
  /** What must not be shown: the whole value, or the password in an address. */
  readonly secret?: 'whole' | 'password'
  /** Whether people are less safe without it: then losing it in `.env` or by its name stops the start. */
  readonly protects?: true
}

/** A setting with its name. */
export interface Setting<Name extends string = string, Value = unknown, Option = unknown>
  extends Row<Value, Option> {
  /** The name in the environment and in `.env`. */
  readonly name: Name
}

/** The configuration has each value at the place of its setting in this table. */
export interface SettingsTable {
  readonly [property: string]: Setting | SettingsTable
}

export type ValuesOf<Table> = {
  readonly [Property in keyof Table]: Table[Property] extends Setting<string, infer Value>
    ? Value
    : ValuesOf<Table[Property]>
}

/** All settings of a table, nested ones included. */
export type SettingsOf<Table> = {
  [Property in keyof Table]: Table[Property] extends Setting ? Table[Property] : SettingsOf<Table[Property]>
}[keyof Table]

/** Makes a row of the table. */
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
