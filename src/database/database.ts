import { withPackage } from '../errors/missing-package.ts'
import { defaultPatienceMilliseconds } from '../primitives/patience.ts'
import type { DatabaseAddress } from './database-address.ts'
import type { PostgresDatabase } from './postgres.ts'
import type { PostgresListener } from './postgres-listener.ts'
import { openSqlite, type SqliteDatabase } from './sqlite.ts'

/** The database of accounts, with its tables migrated. `close` may be called once. */
export type Database = SqliteDatabase | PostgresDatabase

/**
 * Opens the database that DATABASE_URL names. A file that cannot be opened and a PostgreSQL that refuses are
 * ConfigErrors. A PostgreSQL that cannot be reached is reported to the listener, and tried again at each use.
 * @param patience timeout for an answer, or for another process's lock, in milliseconds
 */
export async function openDatabase(
  address: DatabaseAddress,
  listener: PostgresListener,
  patience = defaultPatienceMilliseconds
): Promise<Database> {
  if (address.kind === 'sqlite') return openSqlite(address.file, patience)
  // Loaded only where it is used: it would be a fortieth of the start.
  const needed = { name: 'pg', because: 'The accounts are in PostgreSQL' }
  const { openPostgres } = await withPackage(needed, () => import('./postgres.ts'))
  return openPostgres(address.url, listener, patience)
}

/** A store that refuses stops the start, and nothing may keep the process: then the database is closed. */
export async function orClosed<T>(database: Database, opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (error) {
    await database.close()
    throw error
  }
}
