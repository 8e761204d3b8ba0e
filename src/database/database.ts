import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { StorageError } from '../errors.ts'
import { migrate } from './migrations.ts'
import { NodeSqliteDialect } from './node-sqlite-dialect.ts'
import type { Tables } from './tables.ts'

/** How long a write waits for another process's. Longer would hold up every request of this one. */
const busyTimeoutMilliseconds = 1000

/** The embedded database, open and up to date. `close` may be called once. */
export interface Database {
  /** For whatever every SQL database can do. */
  readonly sql: Kysely<Tables>
  /** The same connection without the builder, for what only the embedded database does. */
  readonly sqlite: DatabaseSync
  close(): Promise<void>
}

/**
 * Opens the embedded database and makes it and its folder if they are not there.
 * @param file a path, or `:memory:` for one that is gone when closed
 * @throws {StorageError} when it cannot be opened, with the path and the cause
 */
export async function openDatabase(file: string): Promise<Database> {
  const sqlite = openFile(file)
  const sql = new Kysely<Tables>({ dialect: new NodeSqliteDialect({ database: sqlite }) })
  await migrate(sql)
  return { sql, sqlite, close: () => sql.destroy() }
}

function openFile(file: string): DatabaseSync {
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    const sqlite = new DatabaseSync(file, {
      timeout: busyTimeoutMilliseconds,
      enableForeignKeyConstraints: true
    })
    // FULL: what was acknowledged survives a power cut, at one fsync per write.
    sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    return sqlite
  } catch (cause) {
    throw new StorageError(
      `The embedded database (${file}): ${cause instanceof Error ? cause.message : cause};`,
      cause
    )
  }
}
