import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CopyError, copyError } from './copy-error.ts'
import { markPath } from './file-mark.ts'
import { WrongDatabaseError } from './migrations.ts'
import { mustBeOurs } from './sqlite.ts'

const { DatabaseSync: Connection } = process.getBuiltinModule('node:sqlite')

/** SQLite's files beside a database. */
export const companions = ['-wal', '-shm', '-journal']

export interface BackupOptions {
  /** Whether an existing file may be replaced. */
  readonly overwrite: boolean
  /** How long to wait for other processes, in milliseconds. */
  readonly patience: number
}

/**
 * Writes a copy of the embedded database as it is at one moment, while others read and write it: one file, 0600.
 * It appears under its name when it is whole and was checked.
 * @throws {CopyError}
 */
export function backUp(database: string, copy: string, { overwrite, patience }: BackupOptions): void {
  if (!statSync(database, { throwIfNoEntry: false })) throw new CopyError(`There is no database ${database}.`)
  if (isPartOf(database, copy))
    throw new CopyError(`${copy} belongs to the database itself: name another file.`)
  const part = `${copy}.part-${process.pid}`
  let isReserved = false
  try {
    if (!overwrite) reserve(copy)
    isReserved = !overwrite
    // SQLite keeps the permissions of an empty file.
    closeSync(openSync(part, 'wx', 0o600))
    vacuumInto(database, part, patience)
    mustBeWhole(part, copy)
    flush(part)
    renameSync(part, copy)
    isReserved = false
    flush(dirname(copy))
  } catch (cause) {
    if (isReserved) rmSync(copy, { force: true })
    throw copyError(cause, copy)
  } finally {
    for (const rest of ['', ...companions]) rmSync(part + rest, { force: true })
  }
}

/**
 * Checks that a file is a database of ours, of this version or an earlier one, and whole.
 * @param name of the file in messages
 * @throws {CopyError}
 */
export function mustBeWhole(file: string, name = file): void {
  const database = new Connection(file, { readOnly: true })
  try {
    if (database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables === 0)
      throw new CopyError(`${name} is empty: it is no backup of Latchkey.`)
    mustBeOurs(database)
    const fault = database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check
    if (fault !== 'ok') throw new CopyError(`${name} is damaged: ${fault}.`)
  } catch (cause) {
    if (cause instanceof WrongDatabaseError) throw new CopyError(`${name} ${cause.message}.`)
    const code = Number(Object(cause).errcode) & 0xff
    if (code === 26) throw new CopyError(`${name} is not a database.`)
    if (code === 11) throw new CopyError(`${name} is damaged: ${Object(cause).message}.`)
    throw cause
  } finally {
    database.close()
  }
}

/** Writes to the disk what was written to a file, or which files are in a folder. */
export function flush(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** In one read transaction, which keeps nobody from writing; the backup API of SQLite begins anew at each commit of others. */
function vacuumInto(database: string, copy: string, timeout: number): void {
  const source = new Connection(database, { readOnly: true, timeout })
  try {
    mustBeOurs(source)
    source.prepare('VACUUM INTO ?').run(copy)
  } catch (cause) {
    if (cause instanceof WrongDatabaseError) throw new CopyError(`${database} ${cause.message}.`)
    throw cause
  } finally {
    source.close()
  }
}

function reserve(copy: string): void {
  try {
    closeSync(openSync(copy, 'wx', 0o600))
  } catch (cause) {
    if (Object(cause).code !== 'EEXIST') throw cause
    throw new CopyError(`${copy} exists already. To replace it, add --overwrite.`)
  }
}

/** Also by another path. */
export function isPartOf(database: string, file: string): boolean {
  const parts = [database, markPath(database), ...companions.map((rest) => database + rest)]
  return parts.map(realPath).includes(realPath(file))
}

function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    const folder = dirname(file)
    return folder === file ? file : join(realPath(folder), basename(file))
  }
}
