import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { readFrom } from '../database/sqlite-file.ts'
import type { Changes, Forget } from './cached-sessions.ts'

/**
 * What other connections change in the embedded database, the command line's for example: SQLite counts their
 * commits, and asking for the count costs half of what reading a session does. What this connection changes
 * is not counted.
 */
export class SqliteChanges implements Changes {
  readonly #database: DatabaseSync
  readonly #count: StatementSync
  #forget: Forget = () => {}
  #counted: unknown

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#count = database.prepare('PRAGMA data_version')
  }

  listen(forget: Forget): void {
    this.#forget = forget
  }

  areTold(): boolean {
    try {
      const count = readFrom(this.#database, () => this.#count.get()?.data_version)
      if (count !== this.#counted) this.#forget()
      this.#counted = count
      return true
    } catch {
      // The read that follows finds out why.
      return false
    }
  }

  close(): void {}
}
