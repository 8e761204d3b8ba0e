import { statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { LatchkeyError, StorageError } from '../errors/errors.ts'

/** The longest pause before a write that waits for another process tries again, and the fewest tries. */
const retryDelayMilliseconds = 10
const minTries = 10
const checkFileEveryMilliseconds = 1000

export interface WatchedFile {
  readonly path: string
  /** From before it was opened, so that one that is replaced meanwhile is noticed. */
  readonly inode: bigint | undefined
  /** How long a write waits for other processes, in milliseconds. */
  readonly patience: number
}

/** The file that a connection has open. */
interface OpenFile extends WatchedFile {
  checkedAt: number
}

interface Transaction {
  readonly begin: StatementSync
  readonly commit: StatementSync
  readonly rollback: StatementSync
}

interface Lock {
  readonly since: number
  triedAt: number
  tries: number
}

const transactions = new WeakMap<DatabaseSync, Transaction>()
const files = new WeakMap<DatabaseSync, OpenFile>()
/** Locks that writes wait for, or have just waited for in vain. */
const locks = new WeakMap<DatabaseSync, Lock>()

const hooks = new WeakMap<DatabaseSync, () => void>()

/** Runs after each commit of `writeTo`, before it is answered. If it fails, so does the write, which is done. */
export function afterWrites(database: DatabaseSync, hook: () => void): void {
  hooks.set(database, hook)
}

/** From now on, writes wait so long for other processes, and a replaced or deleted file is noticed. */
export function watchDatabaseFile(database: DatabaseSync, { path, inode, patience }: WatchedFile): void {
  files.set(database, { path, inode, patience, checkedAt: performance.now() })
}

/**
 * Reads from the embedded database, also while another process writes. @throws {StorageError} on any failure
 */
export function readFrom<T>(database: DatabaseSync, read: () => T): T {
  try {
    const file = files.get(database)
    if (file && performance.now() - file.checkedAt > checkFileEveryMilliseconds) assertFileInPlace(file)
    return read()
  } catch (cause) {
    throw storageError(cause)
  }
}

/**
 * Writes to the embedded database. While another process writes it tries again, and other requests are served
 * in between, which is impossible while SQLite itself waits. After a write has waited in vain, the next ones
 * are tried once, until one succeeds: so many concurrent writes do not wait one after another.
 * @throws {StorageError} on any failure; a refusal that `write` throws is thrown as it is. Then nothing was written
 */
export async function writeTo<T>(database: DatabaseSync, write: () => T): Promise<T> {
  for (;;) {
    try {
      const file = files.get(database)
      if (file) assertFileInPlace(file)
      const written = write()
      if (!database.isTransaction) hooks.get(database)?.()
      locks.delete(database)
      return written
    } catch (cause) {
      // A refusal of ours, which rolled back.
      if (cause instanceof LatchkeyError) throw cause
      if (!isLocked(cause) || hasWaited(database)) throw storageError(cause)
    }
    await sleep(1 + Math.random() * retryDelayMilliseconds)
  }
}

/**
 * Runs several statements in one transaction, which costs one commit. If one fails, none is written. Not
 * while Kysely has a transaction open on the same connection, as only start-up and the command do.
 * @param shouldCommit decides by the outcome whether to commit or roll back
 */
export function inTransaction<T>(
  database: DatabaseSync,
  statements: () => T,
  shouldCommit: (outcome: T) => boolean = () => true
): T {
  const { begin, commit, rollback } = transactionOf(database)
  begin.run()
  try {
    const outcome = statements()
    const end = shouldCommit(outcome) ? commit : rollback
    end.run()
    return outcome
  } catch (error) {
    // After some errors SQLite has rolled back already.
    if (database.isTransaction) rollback.run()
    throw error
  }
}

/** SQLITE_BUSY and its extended codes. */
export function isLocked(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === 5
  )
}

function transactionOf(database: DatabaseSync): Transaction {
  const known = transactions.get(database)
  if (known) return known
  const prepared = {
    // Takes the write lock at once: of two transactions at the same time neither fails midway.
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK')
  }
  transactions.set(database, prepared)
  return prepared
}

/** Only after several tries: a process that was blocked has not waited. */
function hasWaited(database: DatabaseSync): boolean {
  const now = performance.now()
  const patience = files.get(database)?.patience ?? 0
  const known = locks.get(database)
  const lock = known && now - known.triedAt <= patience ? known : { since: now, triedAt: now, tries: 0 }
  locks.set(database, lock)
  lock.tries += 1
  lock.triedAt = now
  return lock.tries >= minTries && now - lock.since > patience
}

/** A deleted file can still be written to, and all of it is lost when the process ends. */
function assertFileInPlace(file: OpenFile): void {
  if (inodeOf(file.path) !== file.inode) {
    throw new Error(
      `${file.path} was removed or replaced while it was open: restart to open what is there now`
    )
  }
  file.checkedAt = performance.now()
}

export function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}

function storageError(cause: unknown): StorageError {
  return new StorageError('The embedded database', cause)
}
