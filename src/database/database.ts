import { defaultPatienceMilliseconds } from '../primitives/patience.ts'
import type { DatabaseAddress } from './database-address.ts'
import { openPostgres, type PostgresDatabase } from './postgres.ts'
import type { PostgresListener } from './postgres-pool.ts'
import { openSqlite, type SqliteDatabase } from './sqlite.ts'

/** The database of accounts, with its tables migrated. `close` may be called once. */
export type Database = SqliteDatabase | PostgresDatabase

/**
 * Opens the database that DATABASE_URL names. A file that cannot be opened and a PostgreSQL that refuses are
 * ConfigErrors. A PostgreSQL that cannot be reached is reported to the listener, and tried again at each use.
 * @param patience timeout for an answer, or for another process's lock, in milliseconds
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
