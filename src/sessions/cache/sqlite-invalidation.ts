import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { readFrom } from '../../database/sqlite-file.ts'
import { WalIndex } from '../../database/wal-index.ts'
import type { Invalidate, Invalidation } from './invalidation.ts'

/**
 * Changes by other connections to the embedded database, for example the command line's: SQLite counts their
 * commits, but not those of this connection.
 *
 * It is asked at each use: what a request may be answered from was asked after the request had been read. Once in a
 * turn of the event loop is not enough. A turn reads what arrives while an earlier callback of the same turn works,
 * and goes on into the next poll.
 */
export class SqliteInvalidation implements Invalidation {
  readonly #database: DatabaseSync
  readonly #statement: StatementSync
  /** The header is read before the counter: what is committed in between shows in the next header. */
  readonly #count = () => {
    if (this.#walIndex && !this.#walIndex.hasChanged()) return
    const count = this.#statement.get()?.data_version
    this.#walIndex ??= WalIndex.of(this.#database)
    if (count !== this.#counted) this.#invalidate()
    this.#counted = count
  }
  #invalidate: Invalidate = () => {}
  #counted: unknown
  /** Found after the first question, which makes SQLite open the file. */
  #walIndex: WalIndex | undefined

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statement = database.prepare('PRAGMA data_version')
  }

  listen(forget: Invalidate): void {
    this.#invalidate = forget
  }

  isCurrent(): boolean {
    try {
      readFrom(this.#database, this.#count)
      return true
    } catch {
      // The read that follows will report the error.
      return false
    }
  }

  close(): void {}
}
