import { type Kysely, sql } from '#vendor/kysely'
import { compileOnce } from '../database/compile-once.ts'
import type { Tables } from '../database/tables.ts'

/** The queries of a sign-in. */
export function signInQueries(db: Kysely<Tables>) {
  const tries = db.updateTable('accounts')
  return {
    find: compileOnce(({ key }: { key: string }) =>
      db.selectFrom('accounts').selectAll().where('key', '=', key)
    ),
    findByEither: compileOnce(({ key, address }: { key: string; address: string }) =>
      db
        .selectFrom('accounts')
        .selectAll()
        .where(({ or, eb }) => or([eb('key', '=', key), eb('email_key', '=', address)]))
        // Nobody can keep somebody else from signing in by the name.
        .orderBy(({ eb }) => eb('key', '=', key), 'desc')
        .limit(1)
    ),
    countAttempt: compileOnce(({ id, max }: { id: string; max: number }) =>
      tries
        .set({ failed_attempts: sql<number>`failed_attempts + 1` })
        .where('id', '=', id)
        .where('failed_attempts', '<', max)
    ),
    resetAttempts: compileOnce(({ id }: { id: string }) =>
      tries.set({ failed_attempts: 0 }).where('id', '=', id)
    ),
    isUnchanged: compileOnce(({ id, version }: { id: string; version: number }) =>
      db
        .selectFrom('accounts')
        .select('key')
        .where('id', '=', id)
        .where('version', '=', version)
        .where('disabled_at', 'is', null)
    )
  }
}
