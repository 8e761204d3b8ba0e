import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { readFrom } from '../../database/sqlite-file.ts'
import type { Invalidate, Invalidation } from './cached-store.ts'

/**
 * Changes by other connections to the embedded database, for example the command line's: SQLite counts their
 * commits, but not those of this connection.
 *
 * Reading the counter costs as much as the rest of a signed-in read, so it is read once in a turn of the
 * event loop. The requests of a turn had arrived when it began, before any later change.
 */
export class SqliteInvalidation implements Invalidation {
  readonly #database: DatabaseSync
  readonly #statement: StatementSync
  readonly #endTurn = () => {
    this.#isCounted = false
  }
  #invalidate: Invalidate = () => {}
  #counted: unknown
  /** Whether the counter was read in this turn of the event loop. */
  #isCounted = false

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statement = database.prepare('PRAGMA data_version')
  }

  listen(forget: Invalidate): void {
    this.#invalidate = forget
  }

  isCurrent(): boolean {
    this.#isCounted ||= this.#count()
    return this.#isCounted
  }

  close(): void {}

  #count(): boolean {
    try {
      const count = readFrom(this.#database, () => this.#statement.get()?.data_version)
      if (count !== this.#counted) this.#invalidate()
      this.#counted = count
      setImmediate(this.#endTurn)
      return true
    } catch {
      // The read that follows will report the error.
      return false
    }
  }
}
