import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { companions, flush, isPartOf, mustBeWhole } from './backup.ts'
import { CopyError, copyError } from './copy-error.ts'
import { FileMark, markPath } from './file-mark.ts'
import { openSqlite } from './sqlite.ts'
import { isLocked } from './sqlite-file.ts'

const { DatabaseSync: Connection } = process.getBuiltinModule('node:sqlite')

/**
 * Puts a backup in the place of the embedded database, without its sessions. It is copied, checked and migrated
 * beside it first; what was there is kept aside, whole, with the files that SQLite had beside it.
 *
 * No other process may have the database open. SQLite tells: it leaves the write-ahead log only to the last one who
 * has the file open, and locks the file meanwhile.
 * @returns where the replaced file is, if there was one
 * @throws {CopyError}
 */
export async function restore(copy: string, database: string): Promise<string | undefined> {
  mustBeAlone(copy, database)
  const file = resolve(database)
  const part = `${file}.restoring-${process.pid}`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    copyFileSync(copy, part, constants.COPYFILE_EXCL)
    chmodSync(part, 0o600)
    mustBeWhole(part, copy)
    const ended = await prepare(part, copy)
    const unlock = lock(file)
    try {
      giveToOwnerOf(file, part)
      flush(part)
      const aside = putInPlace(part, file)
      markRestored(file, ended)
      return aside
    } finally {
      unlock()
    }
  } catch (cause) {
    throw copyError(cause, database)
  } finally {
    for (const rest of ['', '.mark', ...companions]) rmSync(part + rest, { force: true })
  }
}

/**
 * Checks what can be seen of a backup without opening it.
 * @throws {CopyError}
 */
export function mustBeAlone(copy: string, database: string): void {
  if (!statSync(copy, { throwIfNoEntry: false })?.isFile()) throw new CopyError(`There is no file ${copy}.`)
  if (isPartOf(database, copy))
    throw new CopyError(`${copy} belongs to the database itself: name the backup.`)
  for (const rest of ['-wal', '-journal']) {
    if (!statSync(copy + rest, { throwIfNoEntry: false })?.size) continue
    throw new CopyError(
      `Part of ${copy} is in ${copy + rest}, so it was not made with "latchkey backup". Open it once with sqlite3, which puts the two together, or remove the second file.`
    )
  }
}

/**
 * Migrates the copy, and ends its sessions as in every copy. Then it is one file again.
 * @returns the number of its last ending
 */
async function prepare(part: string, copy: string): Promise<number> {
  const { sqlite, noSync, close } = await openSqlite(part)
  if (programsIn(sqlite) !== (await ownPrograms())) {
    await close()
    throw new CopyError(`${copy} has triggers or views that are not Latchkey's: it was changed.`)
  }
  const { ended } = sqlite.prepare('SELECT ended FROM ledger').get() ?? {}
  noSync.close()
  sqlite.exec('PRAGMA journal_mode = DELETE')
  await close()
  return Number(ended)
}

/** What a database does by itself: of a copy that somebody else has changed it would go on in the service. */
function programsIn(sqlite: DatabaseSync): string {
  const rows = sqlite.prepare("SELECT sql FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY name")
  return JSON.stringify(rows.all())
}

async function ownPrograms(): Promise<string> {
  const { sqlite, close } = await openSqlite(':memory:')
  const programs = programsIn(sqlite)
  await close()
  return programs
}

/** Whoever opens the file from now on waits, and finds the restored one. @returns a function that unlocks it */
function lock(file: string): () => void {
  if (!statSync(file, { throwIfNoEntry: false })?.size) return () => {}
  const database = new Connection(file, { timeout: 0 })
  try {
    // Puts the log into the file and removes it, which SQLite does only if nobody else has the file open.
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    // A damaged file, which may be why it is replaced, cannot be locked by SQLite.
    if (isLocked(cause) || isLockedByOthers(file)) throw inUse(file)
  }
  return () => {
    if (database.isOpen) database.close()
  }
}

function inUse(file: string): CopyError {
  return new CopyError(`Another process has ${file} open: stop the service first. Nothing was changed.`)
}

/** By the kernel's list of locks; where there is none, it is not known. */
function isLockedByOthers(file: string): boolean {
  const { ino } = statSync(file, { bigint: true })
  try {
    return readFileSync('/proc/locks', 'latin1')
      .split('\n')
      .some((line) => line.includes(`:${ino} `) && !line.includes(` ${process.pid} `))
  } catch {
    return false
  }
}

/**
 * The name leads to the old file or to the new one at every moment: without one, a service that starts would make an
 * empty database. Nothing may open and close the old file here: that would release its lock.
 */
function putInPlace(part: string, file: string): string | undefined {
  const aside = freeName(`${file}.replaced-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`)
  const isThere = existsSync(file)
  if (isThere) linkOrRename(file, aside)
  // A log that is left would be replayed into the restored file.
  for (const rest of companions) if (existsSync(file + rest)) renameSync(file + rest, aside + rest)
  renameSync(part, file)
  flush(dirname(file))
  return isThere ? aside : undefined
}

/** Some file systems have no links. */
function linkOrRename(file: string, aside: string): void {
  try {
    linkSync(file, aside)
  } catch {
    renameSync(file, aside)
  }
}

function freeName(name: string): string {
  for (let n = 1; ; n += 1) {
    const free = n === 1 ? name : `${name}-${n}`
    if (!existsSync(free)) return free
  }
}

function markRestored(file: string, ended: number): void {
  const mark = new FileMark(file)
  mark.reset(ended)
  mark.close()
  giveToOwnerOf(file, markPath(file))
}

/** For an operator who is root: the service is not. */
function giveToOwnerOf(file: string, other: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(existsSync(file) ? file : dirname(file))
  chownSync(other, uid, gid)
}
