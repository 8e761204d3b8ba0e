import { type Kysely, sql } from '#vendor/kysely'
import type { StoredAccount } from '../accounts/account.ts'
import { toAccount } from '../accounts/account-rows.ts'
import { isLastWithFactor } from '../accounts/last-administrator.ts'
import { lockedAccount } from '../accounts/locked-account.ts'
import { allOrNothing, run, type Statements } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import { type PasswordLinkPurpose, passwordLinkPurposes } from '../database/factors-tables.ts'
import type { Tables } from '../database/tables.ts'
import { LastSecondFactorError } from '../errors/errors.ts'
import { type Circumstances, type Notices, noNotices } from '../mail/notices.ts'
import { type DropOptions, removeAllFactors } from './factor-changes.ts'
import { forgetResetMails } from './reset-mails.ts'

export interface NewLink {
  readonly hash: string
  readonly purpose: PasswordLinkPurpose
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Whose link it is, as the account is now. */
export interface FoundLink {
  readonly account: StoredAccount
  /** Whether it removes all second factors. */
  readonly dropsFactors: boolean
}

/** A new password, and where it was chosen. */
export interface LinkUse {
  readonly passwordHash: string
  readonly now: number
  /** Whether SECOND_FACTOR asks administrators for a second factor: then the last one of them who has any keeps it. */
  readonly keepsLast?: boolean | undefined
  readonly circumstances?: Circumstances | undefined
}

/** Links in SQL. Each method is one statement or one transaction. Every method throws StorageError. */
export class LinkStore {
  readonly #database: Database
  readonly #db: Kysely<Tables>
  readonly #notices: Notices

  constructor(database: Database, notices = noNotices) {
    this.#database = database
    this.#db = database.sql
    this.#notices = notices
  }

  /**
   * In place of the account's other links. The owner is told.
   * @returns false when the account is gone, disabled, or has changed since
   */
  insert(
    state: StoredAccount,
    link: NewLink,
    { exceptLast, circumstances }: DropOptions = {}
  ): Promise<boolean> {
    const [db, notices] = [this.#db, this.#notices]
    return allOrNothing(this.#database, function* () {
      const account = yield* lockedAccount(db, state)
      if (!account) return false
      if (exceptLast && (yield* isLastWithFactor(db, account))) throw new LastSecondFactorError()
      yield* removeLinks(db, account.id)
      yield* insertLink(db, account, link)
      const dropsFactors = isToDrop(link.purpose) ? 'yes' : undefined
      const until = new Date(link.expiresAt).toISOString()
      yield* notices.tell(account, { template: 'link-made', until, dropsFactors }, circumstances)
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
    return row && { account: toAccount(row), dropsFactors: isToDrop(row.purpose) }
  }

  /**
   * Spends the link and sets the password. Of concurrent calls one succeeds. Sign-ins of before do not count any more, and
   * neither does another link. The owner is told.
   * @returns undefined when it opens nothing
   * @throws {LastSecondFactorError} for those of the last administrator, unless it was made for them: then it can still be used
   */
  use(
    hash: string,
    { passwordHash, now, keepsLast, circumstances }: LinkUse
  ): Promise<FoundLink | undefined> {
    const [db, notices] = [this.#db, this.#notices]
    return allOrNothing(this.#database, function* () {
      const found = db.deleteFrom('link_tokens').where('hash', '=', hash).where('expires_at', '>', now)
      const spending = found
        .where('purpose', 'in', passwordLinkPurposes)
        .returning(['account_id', 'account_version', 'purpose'])
      const [link] = yield* run(spending.$narrowType<{ purpose: PasswordLinkPurpose }>())
      if (!link) return undefined
      const { account_id: id, account_version: version, purpose } = link
      const before = yield* lockedAccount(db, { id, version })
      if (!before) return undefined
      const isKept = keepsLast && purpose === 'password-and-factors'
      if (isKept && (yield* isLastWithFactor(db, before))) throw new LastSecondFactorError()
      yield* removeLinks(db, id)
      yield* forgetResetMails(db, id)
      const dropsFactors = isToDrop(purpose)
      const dropped = dropsFactors ? yield* removeAllFactors(db, id, now) : {}
      const changed = { password_hash: passwordHash, failed_attempts: 0, kept_session: null, ...dropped }
      const changing = db.updateTable('accounts').set({ ...changed, version: sql<number>`version + 1` })
      const [row] = yield* run(changing.where('id', '=', id).returningAll())
      yield* notices.tell(before, { template: 'password-changed', how: 'link' }, circumstances)
      if (dropsFactors && before.secondFactors > 0)
        yield* notices.tell(before, { template: 'factors-dropped' }, circumstances)
      return row && { account: toAccount(row), dropsFactors }
    })
  }
}

function isToDrop(purpose: PasswordLinkPurpose): boolean {
  return purpose === 'password-and-factors' || purpose === 'password-and-last-factors'
}

/** @param account locked, with its present version */
export function* insertLink(
  db: Kysely<Tables>,
  account: Pick<StoredAccount, 'id' | 'version'>,
  { hash, purpose, expiresAt }: NewLink
): Statements<void> {
  const row = {
    hash,
    account_id: account.id,
    account_version: account.version,
    purpose,
    expires_at: expiresAt
  }
  yield* run(db.insertInto('link_tokens').values(row))
}

function* removeLinks(db: Kysely<Tables>, accountId: string): Statements<void> {
  const all = db.deleteFrom('link_tokens').where('account_id', '=', accountId)
  yield* run(all.where('purpose', 'in', passwordLinkPurposes))
}
