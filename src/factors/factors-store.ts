import { type Kysely, sql } from '#vendor/kysely'
import type { Database } from '../database/database.ts'
import type { Tables } from '../database/tables.ts'
import { noNotices } from '../mail/notices.ts'
import { FactorChangesStore } from './factor-changes-store.ts'
import {
  type FactorsOf,
  maxWrongCodes,
  type Passkey,
  type PasskeyUse,
  type RecordedFactor
} from './factors-of.ts'
import { toPasskey } from './passkey-rows.ts'
import { readFactors, readRecorded } from './read-factors.ts'

/** What a one-time code has to match. */
export interface TotpTry {
  readonly id: string
  /** Sealed. */
  readonly seed: string
  /** No code of this step or an earlier one counts. */
  readonly lastStep: number
}

/**
 * Second factors in SQL. Each method is one statement or one transaction, so it is atomic, also across processes. What
 * ends sessions ends them in the same transaction, except the one to keep: see changeFactors. Every method throws
 * StorageError when the database cannot answer.
 */
export class FactorsStore extends FactorChangesStore {
  readonly #db: Kysely<Tables>
  /** For what is written at each try. */
  readonly #noSync: Kysely<Tables>
  readonly #now: () => number

  /** @param now for the times that are shown: milliseconds since 1970 */
  constructor(database: Database, now: () => number = Date.now, notices = noNotices) {
    super(database, now, notices)
    this.#db = database.sql
    this.#noSync = database.noSyncSql
    this.#now = now
  }

  of(accountId: string): Promise<FactorsOf> {
    return readFactors(this.#db, accountId)
  }

  recorded(accountId: string): Promise<readonly RecordedFactor[]> {
    return readRecorded(this.#db, accountId)
  }

  /**
   * Counts a try of a one-time code as wrong before its outcome is known, so that concurrent ones cannot exceed the limit.
   * @returns what it has to match; undefined when the limit is reached, or there are no codes
   */
  async countCode(accountId: string): Promise<TotpTry | undefined> {
    const row = await this.#noSync
      .updateTable('totp')
      .set({ wrong_tries: sql<number>`wrong_tries + 1` })
      .where('account_id', '=', accountId)
      .where('removed_at', 'is', null)
      .where('wrong_tries', '<', maxWrongCodes)
      .returning(['id', 'seed', 'last_step'])
      .executeTakeFirst()
    return row?.seed ? { id: row.id, seed: row.seed, lastStep: Number(row.last_step) } : undefined
  }

  /** Takes a count of countCode back: nobody could have been right. @param id of what the code should have matched */
  async uncountCode(id: string): Promise<void> {
    await this.#noSync
      .updateTable('totp')
      .set({ wrong_tries: sql<number>`wrong_tries - 1` })
      .where('id', '=', id)
      .where('wrong_tries', '>', 0)
      .execute()
  }

  /** Of concurrent calls with one step one is true. @param id of what the code matched */
  async spendStep({ id, step }: { readonly id: string; readonly step: number }): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('totp')
      .set({ last_step: step, wrong_tries: 0, used_at: this.#now() })
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .where('last_step', '<', step)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** As countCode. @returns false when the limit is reached, or there is no such account */
  async countRecoveryCode(accountId: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#noSync
      .updateTable('accounts')
      .set({ wrong_recovery_codes: sql<number>`wrong_recovery_codes + 1` })
      .where('id', '=', accountId)
      .where('wrong_recovery_codes', '<', maxWrongCodes)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async findPasskey(id: string): Promise<Passkey | undefined> {
    const found = this.#db
      .selectFrom('passkeys')
      .selectAll()
      .where('id', '=', id)
      .where('removed_at', 'is', null)
    const row = await found.executeTakeFirst()
    return row && toPasskey(row)
  }

  /** A domain that there are passkeys for, other than this one. @returns undefined if there are none */
  async otherPasskeyDomain(rpId: string): Promise<string | undefined> {
    const present = this.#db.selectFrom('passkeys').select('rp_id').where('removed_at', 'is', null)
    // An index finds what is before and after, but not what is different.
    const others = present.where(({ or, eb }) => or([eb('rp_id', '<', rpId), eb('rp_id', '>', rpId)]))
    return (await others.limit(1).executeTakeFirst())?.rp_id
  }

  /** After an assertion that was right. @returns false when the passkey is gone */
  async usePasskey(id: string, { counter, isBackedUp }: PasskeyUse): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('passkeys')
      .set({ counter, backed_up: Number(isBackedUp), used_at: this.#now() })
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** @returns false when the account has none of this id */
  async renamePasskey(accountId: string, id: string, name: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('passkeys')
      .set({ name })
      .where('id', '=', id)
      .where('account_id', '=', accountId)
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
}
