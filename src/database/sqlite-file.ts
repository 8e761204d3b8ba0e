import { statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '../errors/errors.ts'

/** How long until a write that waits for those of other processes looks again at most, and how often it does at least. */
const retryDelayMilliseconds = 10
const minTries = 10
const checkFileEveryMilliseconds = 1000

/** What is known of the file that a connection has open. */
interface OpenFile {
  readonly path: string
  readonly inode: bigint | undefined
  /** How long a write waits for those of other processes, in milliseconds. */
  readonly patience: number
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
/** Those that writes wait for, or waited for in vain a moment ago. */
const locks = new WeakMap<DatabaseSync, Lock>()

/** From now on writes wait so long for those of other processes, and it is noticed when the file is taken away. */
export function watchDatabaseFile(database: DatabaseSync, path: string, patience: number): void {
  files.set(database, { path, inode: inodeOf(path), patience, checkedAt: performance.now() })
}

/** Reads from the embedded database, whoever may be writing. @throws {StorageError} whatever goes wrong */
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
 * Writes to the embedded database. While another process writes it is tried again, and everybody else is
 * served in between, which SQLite's own way of waiting would not let happen. Once a write has waited in vain
 * the next ones are tried once, until one succeeds: so of many that come together none waits for all others.
 * @throws {StorageError} whatever goes wrong; then nothing was written
 */
export async function writeTo<T>(database: DatabaseSync, write: () => T): Promise<T> {
  for (;;) {
    try {
      const file = files.get(database)
      if (file) assertFileInPlace(file)
      const written = write()
      locks.delete(database)
      return written
    } catch (cause) {
      if (!isLocked(cause) || hasWaited(database)) throw storageError(cause)
    }
    await sleep(1 + Math.random() * retryDelayMilliseconds)
  }
}

/**
 * Several statements of one write in one transaction, which costs one commit. None of them happens where one fails.
 * Not while Kysely has a transaction open on the same connection, which only starting and the command do.
 * @param shouldCommit whether they are to happen, by what came of them
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
    // After some errors SQLite has done so already.
    if (database.isTransaction) rollback.run()
    throw error
  }
}

/** SQLITE_BUSY, of which there are several. */
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
    // The write lock is taken at once: two that begin together do not fail midway.
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK')
  }
  transactions.set(database, prepared)
  return prepared
}

/** Not before a few tries: a process that stood still meanwhile has not waited. */
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

/** A file that was deleted can be written on and on, and all of it is gone when the process ends. */
function assertFileInPlace(file: OpenFile): void {
  if (inodeOf(file.path) !== file.inode) {
    throw new Error(
      `${file.path} was removed or replaced while it was open: restart to open what is there now`
    )
  }
  file.checkedAt = performance.now()
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}

function storageError(cause: unknown): StorageError {
  return new StorageError('The embedded database', cause)
}
