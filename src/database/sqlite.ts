import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from '#vendor/kysely'
import { ConfigError } from '../errors/errors.ts'
import { defaultPatienceMilliseconds } from '../primitives/patience.ts'
import { bringUpToDate, endIfCopied, keepMark } from './copied-file.ts'
import { FileMark } from './file-mark.ts'
import { migrate, migrationTable, mustBeOfThisVersion, WrongDatabaseError } from './migrations.ts'
import { createTables } from './new-database.ts'
import { NodeSqliteDialect } from './node-sqlite-dialect.ts'
import { inodeOf, isLocked, type WatchedFile, watchDatabaseFile } from './sqlite-file.ts'
import type { Tables } from './tables.ts'

// Not imported: on a Node without it the import would fail before node-version.cjs can print its message.
const { DatabaseSync: Connection } = process.getBuiltinModule('node:sqlite')

/** The minimum time the start waits for another process that starts too. */
const startMilliseconds = 5000

/** The embedded database, open and migrated. `close` may be called once. */
export interface SqliteDatabase {
  readonly kind: 'sqlite'
  /** What the operator should be told at the start. */
  readonly warnings: readonly string[]
  /** For queries that run on every SQL database. */
  readonly sql: Kysely<Tables>
  /**
   * The same connection without Kysely, for code of the embedded database only: use it with readFrom and
   * writeTo, because SQLite itself does not wait for other processes.
   */
  readonly sqlite: DatabaseSync
  /**
   * Second connection, `synchronous=NORMAL`: power loss may drop the last seconds. For frequent writes whose
   * loss does little harm.
   */
  readonly noSync: DatabaseSync
  /** The same for queries that run on every SQL database. */
  readonly noSyncSql: Kysely<Tables>
  close(): Promise<void>
}

/**
 * Opens the embedded database; creates the file and its folder if needed.
 * @param file a path, or `:memory:` for a database that is lost when closed
 * @param patience how long a write waits for other processes, in milliseconds
 * @throws {ConfigError} when it cannot be opened, with the path and the cause
 */
export async function openSqlite(
  file: string,
  patience = defaultPatienceMilliseconds
): Promise<SqliteDatabase> {
  const { sqlite, inode } = openFile(file, Math.max(startMilliseconds, patience))
  const sql = builderOver(sqlite)
  // In one transaction, so that processes that start together wait for each other: SQLite has no other lock
  // for that.
  const mark = file === ':memory:' ? undefined : toMark(file, () => new FileMark(file))
  const isNew = isEmpty(sqlite)
  const copied = await sql.transaction().execute(async (transaction) => {
    if (isEmpty(sqlite)) createTables(sqlite)
    await migrate(transaction, 'sqlite', stepsIn(sqlite))
    return mark && endIfCopied(sqlite, mark, isNew)
  })
  if (mark) toMark(file, () => bringUpToDate(sqlite, mark))
  // From here on writeTo waits: while SQLite waits, the whole process is blocked.
  sqlite.exec('PRAGMA busy_timeout = 0')
  if (!mark) {
    const close = () => sql.destroy()
    return { kind: 'sqlite', warnings: [], sql, sqlite, noSync: sqlite, noSyncSql: sql, close }
  }
  const watched = { path: file, inode, patience }
  watchDatabaseFile(sqlite, watched)
  const noSync = openNoSync(watched)
  const noSyncSql = builderOver(noSync)
  keepMark(mark, [sqlite, noSync])
  const close = async () => {
    // Kysely closes a connection that it has used.
    await noSyncSql.destroy()
    if (noSync.isOpen) noSync.close()
    await sql.destroy()
    mark.close()
  }
  const warnings = copied === undefined ? [] : [`DATABASE_URL is "file:${file}", which ${copied}.`]
  return { kind: 'sqlite', warnings, sql, sqlite, noSync, noSyncSql, close }
}

/** Kysely over a connection. */
export function builderOver(database: DatabaseSync): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new NodeSqliteDialect({ database }) })
}

function openNoSync(watched: WatchedFile): DatabaseSync {
  const noSync = new Connection(watched.path, { timeout: 0 })
  noSync.exec('PRAGMA synchronous = NORMAL')
  watchDatabaseFile(noSync, watched)
  return noSync
}

function toMark<T>(file: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw new ConfigError([`DATABASE_URL is "file:${file}", whose mark cannot be written: ${cause}`])
  }
}

function openFile(file: string, timeout: number): { sqlite: DatabaseSync; inode: bigint | undefined } {
  try {
    if (file !== ':memory:') makeFile(file)
    const inode = inodeOf(file)
    const sqlite = new Connection(file, { timeout, enableForeignKeyConstraints: true })
    mustBeOurs(sqlite)
    switchToWal(sqlite, timeout)
    // An acknowledged write survives a power cut, at the cost of one fsync for each commit.
    sqlite.exec('PRAGMA synchronous = FULL')
    // A write, so that a read-only file is detected now.
    sqlite.exec('PRAGMA user_version = 1')
    return { sqlite, inode }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause
    const fault = cause instanceof WrongDatabaseError ? why : `cannot be opened: ${why}`
    throw new ConfigError([`DATABASE_URL is "file:${file}", which ${fault}`])
  }
}

/**
 * It contains password hashes, so only its owner may read it; SQLite gives its other files the same
 * permissions.
 */
function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
}

/**
 * @throws {WrongDatabaseError} before anything is written, when another program or another version created
 * the tables
 */
export function mustBeOurs(sqlite: DatabaseSync): void {
  const tables = namesIn(sqlite, tableNames)
  if (tables.length === 0) return
  if (!tables.includes(migrationTable)) {
    throw new WrongDatabaseError(`contains the tables of another program (${tables[0]}): choose another file`)
  }
  mustBeOfThisVersion(stepsIn(sqlite))
}

function stepsIn(sqlite: DatabaseSync): readonly string[] {
  if (!namesIn(sqlite, tableNames).includes(migrationTable)) return []
  return namesIn(sqlite, `SELECT name FROM ${migrationTable}`)
}

function isEmpty(sqlite: DatabaseSync): boolean {
  return namesIn(sqlite, tableNames).length === 0
}

const tableNames = "SELECT name FROM sqlite_schema WHERE type = 'table'"

function namesIn(sqlite: DatabaseSync, query: string): readonly string[] {
  return sqlite
    .prepare(query)
    .all()
    .map(({ name }) => String(name))
}

/** For this statement SQLite's busy timeout does not apply, so wait here for other processes that start. */
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
