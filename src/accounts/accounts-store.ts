import type { Kysely } from '#vendor/kysely'
import type { Database } from '../database/database.ts'
import type { Tables } from '../database/tables.ts'
import { noNotices } from '../mail/notices.ts'
import type { AccountState, NewAccount, StoredAccount } from './account.ts'
import { AccountChangesStore } from './account-changes-store.ts'
import { toAccount, toRow } from './account-rows.ts'
import { insertUnless, insertUnlessAlike } from './new-account-rows.ts'
import { signInQueries } from './sign-in-queries.ts'
import { versionAt } from './version-at.ts'

export interface Page {
  /** The page starts after this key. */
  readonly after?: string | undefined
  readonly limit: number
}

export type {
  ChangeAccountOptions,
  ForcedOptions,
  RemoveOptions,
  ToldOptions
} from './account-changes-store.ts'
export type { ForceOptions } from './last-administrator.ts'

/**
 * Accounts in SQL. Each method is one statement or one transaction, so it is atomic, also across processes. Every method
 * throws StorageError when the database cannot answer.
 */
export class AccountsStore extends AccountChangesStore {
  readonly #db: Kysely<Tables>
  readonly #now: () => number
  readonly #noSync: Kysely<Tables>
  readonly #signInQueries: ReturnType<typeof signInQueries>

  constructor(database: Database, now: () => number = Date.now, notices = noNotices) {
    super(database, now, notices)
    this.#db = database.sql
    this.#now = now
    // For writes at each password attempt.
    this.#noSync = database.noSyncSql
    this.#signInQueries = signInQueries(this.#db)
  }

  /** Checks that the database takes writes. Nobody has this id, so nothing changes. */
  async checkWritable(): Promise<void> {
    await this.resetAttempts('')
  }

  async find(key: string): Promise<StoredAccount | undefined> {
    const { rows } = await this.#db.executeQuery(this.#signInQueries.find({ key }))
    return rows[0] && toAccount(rows[0])
  }

  /** By name, otherwise by confirmed address. @param address its key; undefined: what was typed is none */
  async findByEither(key: string, address: string | undefined): Promise<StoredAccount | undefined> {
    if (address === undefined) return this.find(key)
    const { rows } = await this.#db.executeQuery(this.#signInQueries.findByEither({ key, address }))
    return rows[0] && toAccount(rows[0])
  }

  async findById(id: string): Promise<StoredAccount | undefined> {
    const row = await this.#db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
    return row && toAccount(row)
  }

  async list(): Promise<readonly StoredAccount[]> {
    const rows = await this.#db.selectFrom('accounts').selectAll().orderBy('key').execute()
    return rows.map(toAccount)
  }

  /** One page, ordered by key. */
  async page({ after, limit }: Page): Promise<readonly StoredAccount[]> {
    const all = this.#db.selectFrom('accounts').selectAll()
    const rest = after === undefined ? all : all.where('key', '>', after)
    const rows = await rest.orderBy('key').limit(limit).execute()
    return rows.map(toAccount)
  }

  async isEmpty(): Promise<boolean> {
    const row = await this.#db.selectFrom('accounts').select('key').limit(1).executeTakeFirst()
    return row === undefined
  }

  async isOnly(key: string): Promise<boolean> {
    const other = await this.#db
      .selectFrom('accounts')
      .select('key')
      .where('key', '<>', key)
      .limit(1)
      .execute()
    return other.length === 0
  }

  /** @returns undefined when the name is taken */
  async insert(account: NewAccount): Promise<StoredAccount | undefined> {
    const row = await this.#db
      .insertInto('accounts')
      .values(toRow(account, this.#now()))
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    return row && toAccount(row)
  }

  /**
   * For a visitor. Of two concurrent calls with names that look alike only one inserts.
   * @returns undefined when the name is taken, or looks like that of an account
   */
  async insertRegistered(account: NewAccount): Promise<StoredAccount | undefined> {
    const row = await insertUnlessAlike(this.#db, toRow(account, this.#now())).executeTakeFirst()
    return row && toAccount(row)
  }

  /** An administrator. @returns undefined when there is an account already; of two concurrent calls only one inserts */
  async insertFirst(account: NewAccount): Promise<StoredAccount | undefined> {
    const first = { ...toRow(account, this.#now()), registered: 1, first: 1, role: 'admin' as const }
    const anybody = this.#db.selectFrom('accounts').select('key')
    const row = await insertUnless(this.#db, anybody, first).executeTakeFirst()
    return row && toAccount(row)
  }

  /**
   * Counts an attempt as failed before its outcome is known, so that concurrent attempts, on whatever
   * machine, cannot exceed the limit. An unknown id stores nothing.
   * @returns false when the limit is reached, or there is no such account
   */
  async countAttempt(id: string, max: number): Promise<boolean> {
    const { numAffectedRows = 0n } = await this.#noSync.executeQuery(
      this.#signInQueries.countAttempt({ id, max })
    )
    return numAffectedRows > 0n
  }

  /** The password was verified. */
  async resetAttempts(id: string): Promise<void> {
    await this.#noSync.executeQuery(this.#signInQueries.resetAttempts({ id }))
  }

  /** Stores another hash of the same password. Does nothing if the password was changed in between. */
  async replaceHash(key: string, { from, to }: { from: string; to: string }): Promise<void> {
    await this.#db
      .updateTable('accounts')
      .set({ password_hash: to })
      .where('key', '=', key)
      .where('password_hash', '=', from)
      .execute()
  }

  /** See version-at.ts. */
  versionAt(state: AccountState, arrivedAt: number): Promise<number> {
    return versionAt(this.#db, state, arrivedAt)
  }

  /** Whether the account still exists, is enabled and has not changed since. */
  async isUnchangedSince({ id, version }: AccountState): Promise<boolean> {
    const { rows } = await this.#db.executeQuery(this.#signInQueries.isUnchanged({ id, version }))
    return rows.length > 0
  }
}
