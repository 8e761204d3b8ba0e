import { type Kysely, sql } from '#vendor/kysely'
import { isSince, nowOf } from '../database/ledger-clock.ts'
import type { Tables } from '../database/tables.ts'
import type { AccountState } from './account.ts'

/** Nobody changes an account more often while a request is under way. */
const maxChanges = 100

/**
 * The version that an account had when a request began. Each higher one is a row of the ledger of endings.
 * @param state as it is now
 * @param arrivedAt when the request began, by `performance.now()`
 */
export async function versionAt(
  db: Kysely<Tables>,
  { id, version }: AccountState,
  arrivedAt: number
): Promise<number> {
  const rows = await db
    .selectFrom('endings')
    .select(['epoch', 'nonce as of', sql<number>`${nowOf(db)} - at`.as('ago')])
    .where('kind', '=', 'account')
    .where('owner', '=', id)
    .orderBy('n', 'desc')
    .limit(maxChanges)
    .execute()
  const since = rows.filter((row) => isSince(row, arrivedAt))
  return Math.min(version, ...since.map(({ epoch }) => Number(epoch) - 1))
}
