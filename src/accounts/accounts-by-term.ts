import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import {
  byBytes,
  compareTexts,
  endOf,
  isIn,
  type Order,
  type Place,
  type Places,
  type Position,
  type Prefixes,
  towards
} from './search-order.ts'

/** An account under its name or under its address. */
interface Entry extends Prefixed {
  readonly term: string
  /** 0 for a name, 1 for an address. */
  readonly kind: number
}

interface Prefixed {
  readonly key: string
  readonly email_key: string | null
}

const columns = ['key', 'email_key'] as const
const readAtOnce = 500
/** For one page: more are read only where nearly everybody is found by name and address. */
const maxReads = 6

/**
 * The next accounts in the order of their names; of a search in the order of names and addresses alike, as in a telephone
 * directory. Whoever is found by both is at the first of them.
 */
export async function accountsByTerm(
  db: Kysely<Tables>,
  order: Order,
  after: Position | undefined,
  limit: number
): Promise<Places> {
  const places: Place[] = []
  let reached = after
  for (let reads = 0; reads < maxReads; reads += 1) {
    const size = reads === 0 ? limit : Math.max(limit, readAtOnce)
    const { entries, isEnd } = await read(db, order, reached, size)
    for (const entry of entries) {
      reached = [entry.term, entry.kind]
      if (isFirst(entry, order)) places.push({ key: entry.key, position: reached })
      if (places.length === limit) return { places }
    }
    if (isEnd) return { places }
  }
  return { places, reached }
}

/** @returns as many as both indexes tell the order of, at least `size` unless the end is reached */
async function read(db: Kysely<Tables>, order: Order, after: Position | undefined, size: number) {
  const lists = await Promise.all(
    columns.map((column, kind) => termsOf(db, { order, column, kind, after, size }))
  )
  const { sign } = towards(order)
  const compare = (one: Entry, other: Entry) =>
    sign * (compareTexts(one.term, other.term) || one.kind - other.kind)
  const ends = lists.flatMap((list) => (list.length < size ? [] : (list.at(-1) ?? [])))
  const entries = lists.flat().sort(compare)
  const known = entries.filter((entry) => ends.every((end) => compare(entry, end) <= 0))
  return { entries: known, isEnd: ends.length === 0 }
}

interface Terms {
  readonly order: Order
  readonly column: keyof Prefixes
  readonly kind: number
  readonly after: Position | undefined
  readonly size: number
}

async function termsOf(
  db: Kysely<Tables>,
  { order, column, kind, after, size }: Terms
): Promise<readonly Entry[]> {
  const prefix = order.prefixes[column]
  const isEverybody = order.startsWith === ''
  if (kind === 1 && (isEverybody || prefix === '')) return []
  const { order: direction, sign } = towards(order)
  const term = byBytes(db, column)
  let query = db.selectFrom('accounts').select(columns)
  if (!isEverybody) query = query.where(term, '>=', prefix).where(term, '<', endOf(prefix))
  if (after) query = query.where(term, comparison(sign, sign * (kind - after[1]) > 0), after[0])
  const rows = await query.orderBy(term, direction).limit(size).execute()
  return rows.map((row) => ({ ...row, term: row[column] ?? '', kind }))
}

/** @param isIncluded whether what is equal comes after too: an address that is spelt as the name where the page before ended */
function comparison(sign: number, isIncluded: boolean) {
  if (sign > 0) return isIncluded ? '>=' : '>'
  return isIncluded ? '<=' : '<'
}

function isFirst({ key, email_key, term, kind }: Entry, { prefixes }: Order): boolean {
  const [other, prefix] = kind === 0 ? [email_key, prefixes.email_key] : [key, prefixes.key]
  if (!isIn(other, prefix)) return true
  return (compareTexts(term, other) || kind - 0.5) < 0
}
