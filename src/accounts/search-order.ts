import { hash } from 'node:crypto'
import { type Kysely, type RawBuilder, SqliteAdapter, sql } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { BadInputError } from '../errors/errors.ts'
import type { Sort } from './account-sorts.ts'

export { type Sort, sorts } from './account-sorts.ts'
export type Direction = 'ascending' | 'descending'

/** A list of accounts. */
export interface Order {
  readonly sort: Sort
  readonly direction: Direction
  /** Empty: everybody. */
  readonly startsWith: string
  /** What the keys of names, and of addresses, begin with. */
  readonly prefixes: Prefixes
}

export interface Prefixes {
  readonly key: string
  readonly email_key: string
}

/** By name: what was found, and 0 for a name, 1 for an address. By a time: the key of the name, and the time. */
export type Position = readonly [text: string, number: number]

export interface Place {
  readonly key: string
  readonly position: Position
}

export interface Places {
  /** As many as asked for, or fewer. */
  readonly places: readonly Place[]
  /** How far was looked for them, if that is not the end of the list. */
  readonly reached?: Position | undefined
}

/** Text for an address. */
export function writeCursor(order: Order, position: Position): string {
  return Buffer.from(JSON.stringify([markOf(order), ...position])).toString('base64url')
}

/** @throws {BadInputError} when it is none, or of another list */
export function readCursor(cursor: string | undefined, order: Order): Position | undefined {
  if (cursor === undefined) return undefined
  const [mark, text, number] = parsed(cursor)
  // PostgreSQL takes no NUL.
  const isPosition = typeof text === 'string' && !text.includes('\0') && Number.isSafeInteger(number)
  if (mark !== markOf(order) || !isPosition) throw new BadInputError()
  return [text, Number(number)]
}

function markOf({ sort, direction, prefixes }: Order): string {
  return hash('sha256', `${sort} ${direction} ${prefixes.key} ${prefixes.email_key}`, 'base64url').slice(0, 8)
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

/** In the order of the bytes of UTF-8, which the indexes have in both databases. */
export function compareTexts(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

/** The first text after all that begin with the prefix: no name and no address has this character. */
export function endOf(prefix: string): string {
  return `${prefix}\u{10ffff}`
}

/** No name, and no address, is in an empty range. */
export function isIn(text: string | null, prefix: string): text is string {
  return prefix !== '' && text !== null && text.startsWith(prefix)
}

/** A column to compare and sort by: no other collation has all texts that begin alike in one range. */
export function byBytes(db: Kysely<Tables>, column: keyof Prefixes): RawBuilder<string> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  return isSqlite ? sql`${sql.ref(column)}` : sql`${sql.ref(column)} COLLATE "C"`
}

export function towards({ direction }: Pick<Order, 'direction'>) {
  return direction === 'ascending'
    ? ({ order: 'asc', isAfter: sql.raw('>'), sign: 1 } as const)
    : ({ order: 'desc', isAfter: sql.raw('<'), sign: -1 } as const)
}
