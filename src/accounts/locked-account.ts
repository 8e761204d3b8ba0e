import { type Kysely, type Selectable, type SelectQueryBuilder, SqliteAdapter } from '#vendor/kysely'
import { run, type Statements } from '../database/all-or-nothing.ts'
import type { AccountsTable, Tables } from '../database/tables.ts'
import type { AccountState, StoredAccount } from './account.ts'
import { toAccount } from './account-rows.ts'

/** Without a version: whatever it is. Otherwise the account must have this one, and not be disabled. */
export type LockedState = Pick<AccountState, 'id'> & Partial<AccountState>

/**
 * Of two transactions with one account the second waits here for the first.
 * @returns undefined when it is gone, or has changed since
 */
export function lockedAccount(
  db: Kysely<Tables>,
  { id, version }: LockedState
): Statements<StoredAccount | undefined> {
  const present = db.selectFrom('accounts').selectAll().where('id', '=', id)
  return locked(
    db,
    version === undefined ? present : present.where('version', '=', version).where('disabled_at', 'is', null)
  )
}

/** The same for whoever has a name. @param id if given, that of the account */
export function lockedByKey(
  db: Kysely<Tables>,
  { key, id }: { readonly key: string; readonly id?: string | undefined }
): Statements<StoredAccount | undefined> {
  const named = db.selectFrom('accounts').selectAll().where('key', '=', key)
  return locked(db, id === undefined ? named : named.where('id', '=', id))
}

function* locked(
  db: Kysely<Tables>,
  accounts: SelectQueryBuilder<Tables, 'accounts', Selectable<AccountsTable>>
): Statements<StoredAccount | undefined> {
  // A transaction of the embedded database is alone as it is.
  const isAlone = db.getExecutor().adapter instanceof SqliteAdapter
  const [row] = yield* run(isAlone ? accounts : accounts.forUpdate())
  return row && toAccount(row)
}
