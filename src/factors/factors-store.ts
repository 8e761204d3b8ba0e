import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from '#vendor/kysely'
import type { AccountState } from '../accounts/account.ts'
import { lockedAccount } from '../accounts/locked-account.ts'
import { allOrNothing, run } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { Tables } from '../database/tables.ts'
import {
  addRecoveryCodes,
  changeFactors,
  type DropOptions,
  type FactorChanged,
  forgetWrongTries,
  removeAllFactors,
  removePasskeys,
  removeTotp,
  replaceRecoveryCodes
} from './factor-changes.ts'
import {
  type FactorsOf,
  maxWrongCodes,
  type NewPasskey,
  type Passkey,
  type PasskeyUse,
  type RecordedFactor
} from './factors-of.ts'
import { toPasskey, toPasskeyRow } from './passkey-rows.ts'
import { readFactors, readRecorded } from './read-factors.ts'

export interface NewTotp {
  /** Sealed. */
  readonly seed: string
  /** Of the code that was right: it does not count again. */
  readonly step: number
}

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
export class FactorsStore {
  readonly #database: Database
  readonly #db: Kysely<Tables>
  /** For what is written at each try. */
  readonly #noSync: Kysely<Tables>
  readonly #now: () => number

  /** @param now for the times that are shown: milliseconds since 1970 */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database
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

  /** In place of those that the account has. @returns undefined when the account has changed since */
  addTotp(
    state: AccountState,
    { seed, step }: NewTotp,
    keptSession?: string
  ): Promise<FactorChanged | undefined> {
    const now = this.#now()
    return changeFactors(this.#database, { state, keptSession, now }, function* (db) {
      const hasRemoved = yield* removeTotp(db, state.id, now)
      const id = randomBytes(16).toString('base64url')
      const row = { id, account_id: state.id, seed, last_step: step, created_at: now }
      yield* run(db.insertInto('totp').values(row))
      return { hasRemoved }
    })
  }

  /**
   * @returns undefined when the account has changed since, or somebody has the credential already: one id is of one
   * account for good, also when it was removed
   */
  addPasskey(
    state: AccountState,
    passkey: NewPasskey,
    keptSession?: string
  ): Promise<FactorChanged | undefined> {
    const now = this.#now()
    return changeFactors(this.#database, { state, keptSession, now }, function* (db) {
      const inserting = db.insertInto('passkeys').values(toPasskeyRow(state.id, passkey, now))
      const [row] = yield* run(inserting.onConflict((conflict) => conflict.doNothing()).returning('id'))
      return row && { hasRemoved: false }
    })
  }

  /** @returns undefined when there is none, or the account has changed since */
  removeTotp(state: AccountState, keptSession?: string): Promise<FactorChanged | undefined> {
    const now = this.#now()
    return changeFactors(this.#database, { state, keptSession, now }, function* (db) {
      const hasRemoved = yield* removeTotp(db, state.id, now)
      return hasRemoved ? { hasRemoved } : undefined
    })
  }

  /** @returns undefined when the account has none of this id, or has changed since */
  removePasskey(state: AccountState, id: string, keptSession?: string): Promise<FactorChanged | undefined> {
    const now = this.#now()
    return changeFactors(this.#database, { state, keptSession, now }, function* (db) {
      const hasRemoved = yield* removePasskeys(db, state.id, now, id)
      return hasRemoved ? { hasRemoved } : undefined
    })
  }

  /** All second factors and the recovery codes. @returns undefined when there is no such account */
  dropAll(accountId: string, { exceptLast }: DropOptions = {}): Promise<FactorChanged | undefined> {
    const now = this.#now()
    return changeFactors(this.#database, { state: { id: accountId }, now, exceptLast }, function* (db) {
      yield* removeAllFactors(db, accountId, now)
      return { hasRemoved: true }
    })
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

  forgetWrongTries = (accountId: string): Promise<void> => forgetWrongTries(this.#database, accountId)

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

  /** Of concurrent calls with one code one succeeds. @returns the code that takes its place; undefined if it is wrong */
  spendRecoveryCode(accountId: string, hash: string): Promise<string | undefined> {
    const db = this.#db
    const now = this.#now()
    return allOrNothing(this.#database, function* () {
      const spending = db.deleteFrom('recovery_codes').where('hash', '=', hash)
      const [spent] = yield* run(spending.where('account_id', '=', accountId).returning('hash'))
      return spent && (yield* addRecoveryCodes(db, { accountId, now }, 1))[0]
    })
  }

  /** New ones, which end the old. @returns undefined when the account has changed since, or has no second factor */
  newRecoveryCodes(state: AccountState): Promise<readonly string[] | undefined> {
    const db = this.#db
    const now = this.#now()
    return allOrNothing(this.#database, function* () {
      const account = yield* lockedAccount(db, state)
      return account?.secondFactors
        ? yield* replaceRecoveryCodes(db, { accountId: state.id, now })
        : undefined
    })
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
