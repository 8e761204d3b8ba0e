import { type Kysely, sql, type UpdateObject } from '#vendor/kysely'
import { allOrNothing, run, type Statements } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { Tables } from '../database/tables.ts'
import { LastAdministratorError } from '../errors/errors.ts'
import type { Role } from '../identity/roles.ts'
import type { Circumstances, Notice, Notices } from '../mail/notices.ts'
import type { AccountState, StoredAccount } from './account.ts'
import { toAccount } from './account-rows.ts'
import { isConflict, type NewName, renamingOf } from './former-names.ts'
import { type ForceOptions, isLastAdministrator, isOnlyAccount } from './last-administrator.ts'
import { lockedAccount, lockedByKey } from './locked-account.ts'

export interface ToldOptions {
  /** What its owner is told of a change, besides what it was. */
  readonly circumstances?: Circumstances | undefined
}

export interface ChangeAccountOptions extends ToldOptions {
  /** If given, that of the account: another one may have its name meanwhile. */
  readonly id?: string | undefined
}

export type ForcedOptions = ForceOptions & ChangeAccountOptions

export interface RemoveOptions extends ForceOptions, ChangeAccountOptions {
  /** Its owner removes it: also the last administrator, where nobody else has an account. */
  readonly byOwner?: boolean | undefined
}

export interface ReplaceOptions extends ToldOptions {
  /** The key of the session that goes on. */
  readonly keptSession?: string | undefined
}

type Outcome = StoredAccount | undefined

/** Earlier sign-ins do not count any more. */
const ended = { version: sql<number>`version + 1`, kept_session: null }

/**
 * Changes of accounts in SQL. Each is one transaction, in which the owner is told of it, so it is atomic, also across
 * processes. All but `enable` and `rename` invalidate earlier sign-ins. Every method returns undefined when there is no such
 * account, and throws StorageError when the database cannot answer.
 */
export class AccountChangesStore {
  readonly #database: Database
  readonly #db: Kysely<Tables>
  readonly #now: () => number
  readonly #notices: Notices

  constructor(database: Database, now: () => number, notices: Notices) {
    this.#database = database
    this.#db = database.sql
    this.#now = now
    this.#notices = notices
  }

  setPasswordHash(key: string, passwordHash: string, told?: ToldOptions): Promise<Outcome> {
    const changes = { ...ended, password_hash: passwordHash, failed_attempts: 0 }
    return this.#run(
      () => lockedByKey(this.#db, { key }),
      (before) => this.#update(before, changes, { template: 'password-changed' }, told)
    )
  }

  /** The same for a user who verified the old password. @returns undefined also when the account has changed since */
  replacePasswordHash(
    state: AccountState,
    passwordHash: string,
    { keptSession, ...told }: ReplaceOptions = {}
  ): Promise<Outcome> {
    const kept_session = keptSession ?? null
    const changes = { password_hash: passwordHash, ...ended, kept_session, failed_attempts: 0 }
    return this.#run(
      () => lockedAccount(this.#db, state),
      (before) => this.#update(before, changes, { template: 'password-changed' }, told)
    )
  }

  /** In this one and the next two the last administrator stays one, unless forced. @throws {LastAdministratorError} */
  setRole(key: string, role: Role, options: ForcedOptions = {}): Promise<Outcome> {
    const notice = { template: 'role-changed', role } as const
    const { force = role === 'admin' } = options
    return this.#runExceptLast({ ...options, key, force }, (before) =>
      this.#update(before, { ...ended, role }, before.role === role ? undefined : notice, options)
    )
  }

  disable(key: string, options: ForcedOptions = {}): Promise<Outcome> {
    const disabled_at = sql<number>`coalesce(disabled_at, ${this.#now()})`
    const notice = { template: 'account-disabled' } as const
    return this.#runExceptLast({ ...options, key }, (before) =>
      this.#update(before, { ...ended, disabled_at }, before.disabledAt ? undefined : notice, options)
    )
  }

  remove(key: string, options: RemoveOptions = {}): Promise<Outcome> {
    const [db, notices] = [this.#db, this.#notices]
    const removing = { ...options, key, unless: options.byOwner ? isOnlyAccount : undefined }
    return this.#runExceptLast(removing, function* (before) {
      // Afterwards nobody knows where to write to.
      yield* notices.tell(before, { template: 'account-removed' }, options.circumstances)
      const [row] = yield* run(db.deleteFrom('accounts').where('id', '=', before.id).returningAll())
      return row && toAccount(row)
    })
  }

  /** Also resets failed attempts. */
  enable(key: string, { id, ...told }: ChangeAccountOptions = {}): Promise<Outcome> {
    const changes = { disabled_at: null, failed_attempts: 0 }
    const notice = { template: 'account-enabled' } as const
    return this.#run(
      () => lockedByKey(this.#db, { key, id }),
      (before) => this.#update(before, changes, before.disabledAt ? notice : undefined, told)
    )
  }

  /**
   * Triggers write down the former name, and that the sessions of the account go on under the new one.
   * @returns undefined also when the name is taken or held by another account, or the account has changed
   */
  async rename(id: string, name: NewName, told?: ToldOptions): Promise<Outcome> {
    const [db, notices] = [this.#db, this.#notices]
    const renaming = this.#run(
      () => lockedAccount(db, { id }),
      function* (before) {
        const [row] = yield* run(renamingOf(db, id, name))
        const account = row && toAccount(row)
        const notice = { template: 'name-changed', former: before.name } as const
        if (account) yield* notices.tell(account, notice, told?.circumstances)
        return account
      }
    )
    return renaming.catch((error) => {
      // Another account got the name, or one that looks like it, at the same time.
      if (isConflict(error)) return undefined
      throw error
    })
  }

  #run(
    locked: () => Statements<Outcome>,
    change: (before: StoredAccount) => Statements<Outcome>
  ): Promise<Outcome> {
    return allOrNothing(this.#database, function* () {
      const before = yield* locked()
      return before && (yield* change(before))
    })
  }

  async #runExceptLast(
    {
      key,
      id,
      force = false,
      unless
    }: ForcedOptions & { readonly key: string; readonly unless?: typeof isOnlyAccount | undefined },
    change: (before: StoredAccount) => Statements<Outcome>
  ): Promise<Outcome> {
    const db = this.#db
    let isLast = false
    const changed = await this.#run(
      () => lockedByKey(db, { key, id }),
      function* (before) {
        isLast =
          !force && (yield* isLastAdministrator(db, before)) && !(unless && (yield* unless(db, before)))
        return isLast ? undefined : yield* change(before)
      }
    )
    if (isLast) throw new LastAdministratorError()
    return changed
  }

  *#update(
    { id }: StoredAccount,
    changes: UpdateObject<Tables, 'accounts'>,
    notice: Notice | undefined,
    { circumstances }: ToldOptions = {}
  ): Statements<Outcome> {
    const updating = this.#db.updateTable('accounts').set(changes).where('id', '=', id)
    const [row] = yield* run(updating.returningAll())
    const account = row && toAccount(row)
    if (account && notice) yield* this.#notices.tell(account, notice, circumstances)
    return account
  }
}
