import type { Kysely } from 'kysely'
import type { AccountsTable, Tables } from '../database/tables.ts'

/** An account as the database keeps it. */
export interface StoredAccount {
  readonly name: string
  /** A PHC string. */
  readonly passwordHash: string
  /** 1 for the first password, one more with each change. */
  readonly passwordVersion: number
  readonly createdAt: Date
}

export interface NewAccount {
  readonly name: string
  /** What the name is compared by: see nameKey. */
  readonly key: string
  readonly passwordHash: string
}

/**
 * Accounts in SQL. Each method is one statement, so each happens whole or not at all, also beside other
 * processes. All throw StorageError when the database cannot answer.
 */
export class AccountsStore {
  readonly #db: Kysely<Tables>
  readonly #now: () => number

  constructor(db: Kysely<Tables>, now: () => number = Date.now) {
    this.#db = db
    this.#now = now
  }

  /** Does nothing but ask the database for an answer. */
  async reach(): Promise<void> {
    await this.isEmpty()
  }

  async find(key: string): Promise<StoredAccount | undefined> {
    const row = await this.#db.selectFrom('accounts').selectAll().where('key', '=', key).executeTakeFirst()
    return row && toAccount(row)
  }

  async list(): Promise<readonly StoredAccount[]> {
    const rows = await this.#db.selectFrom('accounts').selectAll().orderBy('key').execute()
    return rows.map(toAccount)
  }

  async isEmpty(): Promise<boolean> {
    const row = await this.#db.selectFrom('accounts').select('key').limit(1).executeTakeFirst()
    return row === undefined
  }

  /** @returns false when the name is taken */
  async insert(account: NewAccount): Promise<boolean> {
    const result = await this.#db
      .insertInto('accounts')
      .values(this.#toRow(account))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    return result.numInsertedOrUpdatedRows === 1n
  }

  /** @returns false when there is an account already, also of two that are made at the same moment */
  async insertFirst(account: NewAccount): Promise<boolean> {
    const { key, name, password_hash, password_version, created_at } = this.#toRow(account)
    const someone = this.#db.selectFrom('accounts').select('key')
    const result = await this.#db
      .insertInto('accounts')
      .columns(['key', 'name', 'password_hash', 'password_version', 'created_at', 'first'])
      .expression(
        this.#db
          .selectNoFrom(({ val }) => [
            val(key).as('key'),
            val(name).as('name'),
            val(password_hash).as('password_hash'),
            val(password_version).as('password_version'),
            val(created_at).as('created_at'),
            val(1).as('first')
          ])
          .where(({ not, exists }) => not(exists(someone)))
      )
      // In PostgreSQL two statements at once both find nobody. The second one conflicts in `first`.
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    return result.numInsertedOrUpdatedRows === 1n
  }

  /** The hash of another password. @returns false when there is no such account */
  async setPasswordHash(key: string, passwordHash: string): Promise<boolean> {
    const result = await this.#db
      .updateTable('accounts')
      .set(({ eb }) => ({ password_hash: passwordHash, password_version: eb('password_version', '+', 1) }))
      .where('key', '=', key)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** Another hash of the same password. Does nothing where the password was changed in between. */
  async replaceHash(key: string, { from, to }: { from: string; to: string }): Promise<void> {
    await this.#db
      .updateTable('accounts')
      .set({ password_hash: to })
      .where('key', '=', key)
      .where('password_hash', '=', from)
      .execute()
  }

  #toRow({ key, name, passwordHash }: NewAccount): Omit<AccountsTable, 'first'> {
    return { key, name, password_hash: passwordHash, password_version: 1, created_at: this.#now() }
  }
}

function toAccount(row: AccountsTable): StoredAccount {
  return {
    name: row.name,
    passwordHash: row.password_hash,
    passwordVersion: row.password_version,
    createdAt: new Date(row.created_at)
  }
}
