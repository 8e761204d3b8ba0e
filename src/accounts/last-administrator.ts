import { type Kysely, SqliteAdapter, sql } from '#vendor/kysely'
import { run, type Statements } from '../database/all-or-nothing.ts'
import type { Tables } from '../database/tables.ts'
import type { StoredAccount } from './account.ts'

export interface ForceOptions {
  /** Also the last administrator: then only the command makes another one. */
  readonly force?: boolean | undefined
}

/**
 * Whether this is the only administrator who is not disabled. Of two who are changed at the same time one stays: the second
 * waits here for the first.
 * @param account as it is in this transaction
 */
export function* isLastAdministrator(
  db: Kysely<Tables>,
  { id, role, disabledAt }: StoredAccount
): Statements<boolean> {
  if (role !== 'admin' || disabledAt) return false
  // A transaction of the embedded database is alone as it is. What follows a lock sees what was committed before.
  if (!(db.getExecutor().adapter instanceof SqliteAdapter))
    yield* run({ compile: () => lockAdministrators.compile(db) })
  const administrators = db.selectFrom('accounts').select('id').where('role', '=', 'admin')
  const others = administrators.where('disabled_at', 'is', null).where('id', '<>', id)
  return (yield* run(others.limit(1))).length === 0
}

const lockAdministrators = sql`SELECT pg_advisory_xact_lock(hashtext('latchkey administrators'))`
