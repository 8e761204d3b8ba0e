import { type Kysely, SqliteAdapter } from '#vendor/kysely'
import { run, type Statements } from '../database/all-or-nothing.ts'
import type { Tables } from '../database/tables.ts'
import type { AccountState, StoredAccount } from './account.ts'
import { toAccount } from './account-rows.ts'

/** Without a version: whatever it is. Otherwise the account must have this one, and not be disabled. */
export type LockedState = Pick<AccountState, 'id'> & Partial<AccountState>

/**
 * Of two transactions with one account the second waits here for the first.
 * @returns undefined when it is gone, or has changed since
 */
export function* lockedAccount(
  db: Kysely<Tables>,
  { id, version }: LockedState
): Statements<StoredAccount | undefined> {
  const present = db.selectFrom('accounts').selectAll().where('id', '=', id)
  const unchanged =
    version === undefined ? present : present.where('version', '=', version).where('disabled_at', 'is', null)
  // A transaction of the embedded database is alone as it is.
  const isAlone = db.getExecutor().adapter instanceof SqliteAdapter
  const [row] = yield* run(isAlone ? unchanged : unchanged.forUpdate())
  return row && toAccount(row)
}
