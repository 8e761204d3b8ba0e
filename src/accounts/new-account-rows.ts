import type { Expression, Insertable, Kysely } from '#vendor/kysely'
import type { AccountsTable, Tables } from '../database/tables.ts'

/**
 * Inserts an account whose name neither is taken nor looks like another's. Of two concurrent calls with names that look
 * alike only one inserts. The statement returns no row otherwise.
 */
export function insertUnlessAlike(db: Kysely<Tables>, account: Insertable<AccountsTable>) {
  const row = { ...account, registered: 1 }
  const skeletons = [row.skeleton, row.key_skeleton]
  const alike = db
    .selectFrom('accounts')
    .select('key')
    .where(({ or, eb }) => or([eb('skeleton', 'in', skeletons), eb('key_skeleton', 'in', skeletons)]))
  return insertUnless(db, alike, row)
}

/**
 * The statement returns no row if the query finds one, or the account is there already. In PostgreSQL two concurrent
 * statements do not see each other's row: then the second conflicts with an index.
 */
export function insertUnless(
  db: Kysely<Tables>,
  someone: Expression<unknown>,
  row: Insertable<AccountsTable>
) {
  const columns = Object.keys(row) as (keyof AccountsTable)[]
  return db
    .insertInto('accounts')
    .columns(columns)
    .expression(
      db
        .selectNoFrom(({ val }) => columns.map((column) => val(row[column]).as(column)))
        .where(({ not, exists }) => not(exists(someone)))
    )
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
}
