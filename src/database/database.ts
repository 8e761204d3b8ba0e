import { defaultPatienceMilliseconds } from '../primitives/patience.ts'
import type { DatabaseAddress } from './database-address.ts'
import { openPostgres, type PostgresDatabase } from './postgres.ts'
import type { PostgresListener } from './postgres-pool.ts'
import { openSqlite, type SqliteDatabase } from './sqlite.ts'

/** Where accounts are kept, up to date. `close` may be called once. */
export type Database = SqliteDatabase | PostgresDatabase

/**
 * Opens whichever database DATABASE_URL names. A file that cannot be opened and a PostgreSQL that refuses are
 * ConfigErrors; a PostgreSQL that cannot be reached is told to the listener and tried again at every use.
 * @param patience how long an answer, or the lock of another process, is waited for, in milliseconds
 */
export function openDatabase(
  address: DatabaseAddress,
  listener: PostgresListener,
  patience = defaultPatienceMilliseconds
): Promise<Database> {
  return address.kind === 'sqlite'
    ? openSqlite(address.file, patience)
    : openPostgres(address.url, listener, patience)
}
