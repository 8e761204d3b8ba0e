import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { ConfigError } from '../errors/errors.ts'
import { defaultPatienceMilliseconds } from '../primitives/patience.ts'
import { migrate, migrationTable, mustBeOfThisVersion, WrongDatabaseError } from './migrations.ts'
import { NodeSqliteDialect } from './node-sqlite-dialect.ts'
import { isLocked, watchDatabaseFile } from './sqlite-file.ts'
import type { Tables } from './tables.ts'

// Not imported: a Node that lacks it would fail at that, before node-version.ts can say so in a sentence.
const { DatabaseSync: Connection } = process.getBuiltinModule('node:sqlite')

/** How long the start waits for another process that starts too, at least. */
const startMilliseconds = 5000

/** The embedded database, open and up to date. `close` may be called once. */
export interface SqliteDatabase {
  readonly kind: 'sqlite'
  /** For whatever every SQL database can do. */
  readonly sql: Kysely<Tables>
  /**
   * The same connection without the builder, for what only the embedded database does: with readFrom and
   * writeTo, because SQLite itself does not wait for other processes.
   */
  readonly sqlite: DatabaseSync
  /**
   * The same on a connection whose writes do not wait for the disk: a power cut may forget the last seconds of
   * them. For what is written often and can be spared.
   */
  readonly noSync: DatabaseSync
  /** The same for whatever every SQL database can do. */
  readonly noSyncSql: Kysely<Tables>
  close(): Promise<void>
}

/**
 * Opens the embedded database and makes it and its folder if they are not there.
 * @param file a path, or `:memory:` for one that is gone when closed
 * @param patience how long a write waits for those of other processes, in milliseconds
 * @throws {ConfigError} when it cannot be opened, with the path and the cause
 */
export async function openSqlite(
  file: string,
  patience = defaultPatienceMilliseconds
): Promise<SqliteDatabase> {
  const sqlite = openFile(file, Math.max(startMilliseconds, patience))
  const sql = builderOver(sqlite)
  // In one transaction, for which processes that start together wait: SQLite has no other lock to take.
  await sql.transaction().execute((transaction) => migrate(transaction, 'sqlite'))
  // From here on see writeTo: while SQLite waits, this whole process waits.
  sqlite.exec('PRAGMA busy_timeout = 0')
  if (file === ':memory:')
    return { kind: 'sqlite', sql, sqlite, noSync: sqlite, noSyncSql: sql, close: () => sql.destroy() }
  watchDatabaseFile(sqlite, file, patience)
  const noSync = openNoSync(file, patience)
  const noSyncSql = builderOver(noSync)
  const close = async () => {
    // Kysely closes a connection that it has used.
    await noSyncSql.destroy()
    if (noSync.isOpen) noSync.close()
    await sql.destroy()
  }
  return { kind: 'sqlite', sql, sqlite, noSync, noSyncSql, close }
}

function builderOver(database: DatabaseSync): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new NodeSqliteDialect({ database }) })
}

function openNoSync(file: string, patience: number): DatabaseSync {
  const noSync = new Connection(file, { timeout: 0 })
  noSync.exec('PRAGMA synchronous = NORMAL')
  watchDatabaseFile(noSync, file, patience)
  return noSync
}

function openFile(file: string, timeout: number): DatabaseSync {
  try {
    if (file !== ':memory:') makeFile(file)
    const sqlite = new Connection(file, { timeout, enableForeignKeyConstraints: true })
    mustBeOurs(sqlite)
    switchToWal(sqlite, timeout)
    // What was acknowledged survives a power cut, at one fsync per write.
    sqlite.exec('PRAGMA synchronous = FULL')
    // A write, so that a file that can only be read is found out now.
    sqlite.exec('PRAGMA user_version = 1')
    return sqlite
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause
    const fault = cause instanceof WrongDatabaseError ? why : `cannot be opened: ${why}`
    throw new ConfigError([`DATABASE_URL is "file:${file}", and that ${fault}`])
  }
}

/** Password hashes are in it: it is for its owner only, and so are the files SQLite puts beside it. */
function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
}

/** @throws {WrongDatabaseError} before anything is written, when another program or another version made the tables */
function mustBeOurs(sqlite: DatabaseSync): void {
  const tables = namesIn(sqlite, "SELECT name FROM sqlite_schema WHERE type = 'table'")
  if (tables.length === 0) return
  if (!tables.includes(migrationTable)) {
    throw new WrongDatabaseError(`holds the tables of another program (${tables[0]}): choose another file`)
  }
  mustBeOfThisVersion(namesIn(sqlite, `SELECT name FROM ${migrationTable}`))
}

function namesIn(sqlite: DatabaseSync, query: string): readonly string[] {
  return sqlite
    .prepare(query)
    .all()
    .map(({ name }) => String(name))
}

/** For this one statement SQLite does not wait for other processes that start now; so we do. */
function switchToWal(sqlite: DatabaseSync, timeout: number): void {
  const deadline = performance.now() + timeout
  for (;;) {
    try {
      sqlite.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!isLocked(error) || performance.now() > deadline) throw error
    }
  }
}
