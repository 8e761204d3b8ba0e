import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { clockErrorMilliseconds, processClock } from '../primitives/clock.ts'

/** What counts once, on whatever machine. Throws StorageError when the database cannot answer. */
export class Spent {
  readonly #db: Kysely<Tables>
  readonly #now: () => number

  /** @param now the clock that says whether something is over: milliseconds since 1970 */
  constructor(db: Kysely<Tables>, now: () => number = processClock) {
    this.#db = db
    this.#now = now
  }

  /**
   * Of concurrent calls with one key one is true, and of all later ones none.
   * @param key anything that is not used for something else: a kind, and what it is of
   * @param expiresAt after that the caller refuses it anyway
   */
  async spend(key: string, expiresAt: number): Promise<boolean> {
    const row = await this.#db
      .insertInto('spent')
      .values({ key, expires_at: expiresAt })
      .onConflict((conflict) => conflict.doNothing())
      .returning('key')
      .executeTakeFirst()
    if (row)
      await this.#db
        .deleteFrom('spent')
        .where('expires_at', '<', this.#now() - clockErrorMilliseconds)
        .execute()
    return row !== undefined
  }
}
