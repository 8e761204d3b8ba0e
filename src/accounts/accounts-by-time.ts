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
  towards
} from './search-order.ts'

/** Up to so many accounts that begin alike are sorted here. */
const maxSorted = 5000
/** So many of all are looked at for a page of more. */
const maxWalked = 10_000
const walkedAtOnce = 1000

const columns = { created: 'created_at', 'last-sign-in': 'signed_in_at' } as const

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
  if (order.prefix === '') return { places: await walk(db, order, after, limit) }
  const few = await beginningAlike(db, order)
  if (!few) return walkPast(db, order, after, limit)
  const { sign } = towards(order)
  const compare = (one: Position, other: Position) =>
    sign * (one[1] - other[1] || compareTexts(one[0], other[0]))
  const rest = few.filter(({ position }) => !after || compare(position, after) > 0)
  return { places: rest.sort((one, other) => compare(one.position, other.position)).slice(0, limit) }
}

/** @returns undefined when they are many */
async function beginningAlike(db: Kysely<Tables>, { sort, prefix }: TimeOrder): Promise<Place[] | undefined> {
  const key = byBytes(db, 'key')
  const rows = await db
    .selectFrom('accounts')
    .select(['key', columns[sort]])
    .where(key, '>=', prefix)
    .where(key, '<', endOf(prefix))
    .orderBy(key)
    .limit(maxSorted + 1)
    .execute()
  return rows.length > maxSorted ? undefined : rows.map((row) => toPlace(row, sort))
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
    places.push(...some.filter(({ key }) => isIn(key, order.prefix)))
    if (places.length >= limit || some.length < walkedAtOnce) return { places: places.slice(0, limit) }
    reached = some.at(-1)?.position
  }
  return { places, reached }
}

async function walk(
  db: Kysely<Tables>,
  order: TimeOrder,
  after: Position | undefined,
  limit: number
): Promise<Place[]> {
  const { order: direction, isAfter } = towards(order)
  const column = columns[order.sort]
  const key = byBytes(db, 'key')
  const all = db.selectFrom('accounts').select(['key', column])
  const rest = after
    ? all.where(sql<boolean>`(${sql.ref(column)}, ${key}) ${isAfter} (${after[1]}, ${after[0]})`)
    : all
  const rows = await rest.orderBy(column, direction).orderBy(key, direction).limit(limit).execute()
  return rows.map((row) => toPlace(row, order.sort))
}

function toPlace(
  row: { readonly key: string; readonly created_at?: number; readonly signed_in_at?: number },
  sort: keyof typeof columns
): Place {
  return { key: row.key, position: [row.key, Number(row[columns[sort]])] }
}
