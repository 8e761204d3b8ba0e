import { type Kysely, sql } from '#vendor/kysely'
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

/** Up to so many accounts that begin alike are sorted here. */
const maxSorted = 2000
/** So many of all are looked at for a page of more. */
const maxWalked = 8000
const walkedAtOnce = 1000

const columns = { created: 'created_at', 'last-sign-in': 'signed_in_at' } as const

interface Row {
  readonly key: string
  readonly created_at?: number
  readonly signed_in_at?: number
}

interface TimeOrder extends Order {
  readonly sort: keyof typeof columns
}

/**
 * The next accounts in the order of a time; of the same time in the order of their keys. No index has both the beginnings
 * of names and the times: those that begin alike are sorted, or if they are many, looked for in the order of the time.
 */
export async function accountsByTime(
  db: Kysely<Tables>,
  order: TimeOrder,
  after: Position | undefined,
  limit: number
): Promise<Places> {
  if (order.startsWith === '') {
    const rows = await walk(db, order, after, limit)
    return { places: rows.map((row) => toPlace(row, order)) }
  }
  const few = await beginningAlike(db, order)
  if (!few) return walkPast(db, order, after, limit)
  const { sign } = towards(order)
  const compare = (one: Position, other: Position) =>
    sign * (one[1] - other[1] || compareTexts(one[0], other[0]))
  const rest = few.filter(({ position }) => !after || compare(position, after) > 0)
  return { places: rest.sort((one, other) => compare(one.position, other.position)).slice(0, limit) }
}

/** @returns undefined when they are many */
async function beginningAlike(db: Kysely<Tables>, order: TimeOrder): Promise<Place[] | undefined> {
  // An index has the answer to whether they are many; to read when each was there takes ten times as long.
  for (const column of ['key', 'email_key'] as const) {
    const some = beginningWith(db, order, column).select(column)
    if ((await some.limit(maxSorted + 1).execute()).length > maxSorted) return undefined
  }
  const time = columns[order.sort]
  const [named, addressed] = await Promise.all([
    beginningWith(db, order, 'key').select(['key', time]).limit(maxSorted).execute(),
    beginningWith(db, order, 'email_key').select(['key', time]).limit(maxSorted).execute()
  ])
  const found = new Map([...named, ...addressed].map((row) => [row.key, toPlace(row, order)]))
  return [...found.values()]
}

/** In the order of the index, so that it is read. */
function beginningWith(db: Kysely<Tables>, { prefixes }: TimeOrder, column: keyof Prefixes) {
  const [prefix, term] = [prefixes[column], byBytes(db, column)]
  const those = db.selectFrom('accounts').where(term, '>=', prefix).where(term, '<', endOf(prefix))
  return those.orderBy(term)
}

async function walkPast(
  db: Kysely<Tables>,
  order: TimeOrder,
  after: Position | undefined,
  limit: number
): Promise<Places> {
  const places: Place[] = []
  let reached = after
  for (let walked = 0; walked < maxWalked; walked += walkedAtOnce) {
    const some = await walk(db, order, reached, walkedAtOnce)
    const { key: name, email_key: address } = order.prefixes
    const found = some.filter(({ key, email_key }) => isIn(key, name) || isIn(email_key, address))
    places.push(...found.map((row) => toPlace(row, order)))
    if (places.length >= limit || some.length < walkedAtOnce) return { places: places.slice(0, limit) }
    const last = some.at(-1)
    reached = last && toPlace(last, order).position
  }
  return { places, reached }
}

async function walk(
  db: Kysely<Tables>,
  order: TimeOrder,
  after: Position | undefined,
  limit: number
): Promise<readonly (Row & { readonly email_key: string | null })[]> {
  const { order: direction, isAfter } = towards(order)
  const column = columns[order.sort]
  const key = byBytes(db, 'key')
  const all = db.selectFrom('accounts').select(['key', 'email_key', column])
  const rest = after
    ? all.where(sql<boolean>`(${sql.ref(column)}, ${key}) ${isAfter} (${after[1]}, ${after[0]})`)
    : all
  return rest.orderBy(column, direction).orderBy(key, direction).limit(limit).execute()
}

function toPlace(row: Row, { sort }: TimeOrder): Place {
  return { key: row.key, position: [row.key, Number(row[columns[sort]])] }
}
