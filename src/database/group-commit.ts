import type { DatabaseSync } from 'node:sqlite'
import { inTransaction, writeTo } from './sqlite-file.ts'

interface PendingWrite<T> {
  readonly write: () => T
  readonly resolve: (written: T) => void
  readonly reject: (error: unknown) => void
}

/**
 * Writes of one turn of the event loop share one commit, which waits for the disk and takes a hundred times
 * as long as the writes. Each is answered after the commit. If it fails, none of them was written and each is
 * rejected, so a write must not be one that fails for a reason of its own.
 */
export class GroupCommit<T> {
  readonly #database: DatabaseSync
  #waiting: PendingWrite<T>[] = []

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** @throws {StorageError} on any failure; then nothing was written */
  run(write: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    if (this.#waiting.push({ write, resolve, reject }) === 1) setImmediate(() => this.#commit())
    return promise
  }

  async #commit(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    try {
      const answers = await writeTo(this.#database, () => this.#writeAll(waiting))
      for (const answer of answers) answer()
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }

  #writeAll(waiting: readonly PendingWrite<T>[]): (() => void)[] {
    const writeAll = () =>
      waiting.map(({ write, resolve }) => {
        const written = write()
        return () => resolve(written)
      })
    // A single statement is a transaction already.
    return waiting.length === 1 ? writeAll() : inTransaction(this.#database, writeAll)
  }
}
