import { type Kysely, sql } from '#vendor/kysely'
import type { StoredAccount } from '../accounts/account.ts'
import { toAccount } from '../accounts/account-rows.ts'
import { lockedAccount } from '../accounts/locked-account.ts'
import { allOrNothing, run } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import { type PasswordLinkPurpose, passwordLinkPurposes } from '../database/factors-tables.ts'
import type { Tables } from '../database/tables.ts'
import { removeAllFactors } from './factor-changes.ts'

export interface NewLink {
  readonly hash: string
  readonly purpose: PasswordLinkPurpose
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Whose link it is, as the account is now. */
export interface FoundLink {
  readonly account: StoredAccount
  readonly purpose: PasswordLinkPurpose
}

/** Links in SQL. Each method is one statement or one transaction. Every method throws StorageError. */
export class LinkStore {
  readonly #database: Database
  readonly #db: Kysely<Tables>

  constructor(database: Database) {
    this.#database = database
    this.#db = database.sql
  }

  /** In place of the account's other links. @returns false when the account is gone, disabled, or has changed since */
  insert(state: StoredAccount, { hash, purpose, expiresAt }: NewLink): Promise<boolean> {
    const db = this.#db
    return allOrNothing(this.#database, function* () {
      const account = yield* lockedAccount(db, state)
      if (!account) return false
      const others = db.deleteFrom('link_tokens').where('purpose', 'in', passwordLinkPurposes)
      yield* run(others.where('account_id', '=', account.id))
      const row = {
        hash,
        account_id: account.id,
        account_version: account.version,
        purpose,
        expires_at: expiresAt
      }
      yield* run(db.insertInto('link_tokens').values(row))
      return true
    })
  }

  /** Changes nothing. @returns undefined when it opens nothing */
  async find(hash: string, now: number): Promise<FoundLink | undefined> {
    const row = await this.#db
      .selectFrom('link_tokens')
      .innerJoin('accounts', (join) =>
        join
          .onRef('accounts.id', '=', 'link_tokens.account_id')
          .onRef('accounts.version', '=', 'link_tokens.account_version')
      )
      .selectAll('accounts')
      .select('purpose')
      .where('hash', '=', hash)
      .where('purpose', 'in', passwordLinkPurposes)
      .where('expires_at', '>', now)
      .where('disabled_at', 'is', null)
      .$narrowType<{ purpose: PasswordLinkPurpose }>()
      .executeTakeFirst()
    return row && { account: toAccount(row), purpose: row.purpose }
  }

  /**
   * Spends the link and sets the password. Of concurrent calls one succeeds. Sign-ins of before do not count any more.
   * @returns undefined when it opens nothing
   */
  use(
    hash: string,
    { passwordHash, now }: { passwordHash: string; now: number }
  ): Promise<FoundLink | undefined> {
    const db = this.#db
    return allOrNothing(this.#database, function* () {
      const spending = db
        .deleteFrom('link_tokens')
        .where('hash', '=', hash)
        .where('purpose', 'in', passwordLinkPurposes)
        .where('expires_at', '>', now)
        .returning(['account_id', 'account_version', 'purpose'])
      const [link] = yield* run(spending.$narrowType<{ purpose: PasswordLinkPurpose }>())
      if (!link) return undefined
      const { account_id: id, account_version: version, purpose } = link
      const before = yield* lockedAccount(db, { id, version })
      if (!before) return undefined
      const dropped = purpose === 'password-and-factors' ? yield* removeAllFactors(db, id, now) : {}
      const changed = { password_hash: passwordHash, failed_attempts: 0, kept_session: null, ...dropped }
      const changing = db.updateTable('accounts').set({ ...changed, version: sql<number>`version + 1` })
      const [row] = yield* run(changing.where('id', '=', id).returningAll())
      return row && { account: toAccount(row), purpose }
    })
  }
}
