import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { readFrom } from '../../database/sqlite-file.ts'
import type { Invalidate, Invalidation } from './cached-store.ts'

/**
 * What other connections change in the embedded database, the command line's for example: SQLite counts their
 * commits. What this connection changes is not counted.
 *
 * Asking for the count costs as much as all else of a signed-in read, so it is asked for once in a turn of the
 * event loop: the requests of a turn were there when it began, thus before whatever was changed since.
 */
export class SqliteInvalidation implements Invalidation {
  readonly #database: DatabaseSync
  readonly #statement: StatementSync
  readonly #endTurn = () => {
    this.#isCounted = false
  }
  #invalidate: Invalidate = () => {}
  #counted: unknown
  /** Whether it was counted in this turn of the event loop already. */
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
      // The read that follows finds out why.
      return false
    }
  }
}
