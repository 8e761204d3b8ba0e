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
export function* isLastAdministrator(db: Kysely<Tables>, account: StoredAccount): Statements<boolean> {
  if (account.role !== 'admin' || account.disabledAt) return false
  yield* lockAdministrators(db)
  return (yield* run(others(db, account).limit(1))).length === 0
}

/** Whether nobody else has an account. */
export function* isOnlyAccount(db: Kysely<Tables>, { id }: StoredAccount): Statements<boolean> {
  const others = db.selectFrom('accounts').select('id').where('id', '<>', id)
  return (yield* run(others.limit(1))).length === 0
}

/** Whether this is the only one of them who has a second factor. Of two who lose theirs at the same time one keeps them. */
export function* isLastWithFactor(db: Kysely<Tables>, account: StoredAccount): Statements<boolean> {
  if (account.role !== 'admin' || account.disabledAt || account.secondFactors === 0) return false
  yield* lockAdministrators(db)
  return (yield* run(others(db, account).where('second_factors', '>', 0).limit(1))).length === 0
}

function* lockAdministrators(db: Kysely<Tables>): Statements<void> {
  // A transaction of the embedded database is alone as it is. What follows a lock sees what was committed before.
  if (db.getExecutor().adapter instanceof SqliteAdapter) return
  const lock = sql`SELECT pg_advisory_xact_lock(hashtext('latchkey administrators'))`
  yield* run({ compile: () => lock.compile(db) })
}

function others(db: Kysely<Tables>, { id }: StoredAccount) {
  const administrators = db.selectFrom('accounts').select('id').where('role', '=', 'admin')
  return administrators.where('disabled_at', 'is', null).where('id', '<>', id)
}
