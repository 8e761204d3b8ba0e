import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import {
  byBytes,
  endOf,
  type Order,
  type Place,
  type Places,
  type Position,
  towards
} from './search-order.ts'

/** The next accounts in the order of their names. */
export async function accountsByTerm(
  db: Kysely<Tables>,
  { prefix, direction }: Order,
  after: Position | undefined,
  limit: number
): Promise<Places> {
  const { order } = towards({ direction })
  const key = byBytes(db, 'key')
  let query = db.selectFrom('accounts').select('key')
  if (prefix !== '') query = query.where(key, '>=', prefix).where(key, '<', endOf(prefix))
  if (after) query = query.where(key, direction === 'ascending' ? '>' : '<', after[0])
  const rows = await query.orderBy(key, order).limit(limit).execute()
  return { places: rows.map(({ key }): Place => ({ key, position: [key, 0] })) }
}
