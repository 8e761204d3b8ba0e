import type { StoredAccount } from '../accounts/account.ts'
import type { Accounts, Credentials } from '../accounts/accounts.ts'
import type { Changed, ChangeOptions } from '../accounts/changes.ts'
import type { ForceOptions } from '../accounts/last-administrator.ts'
import type { PresentAccounts } from '../accounts/present-accounts.ts'
import type { Renamed, Renaming } from '../accounts/renaming.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Groups } from '../groups/groups.ts'
import { isAccountId } from '../identity/account-id.ts'
import type { Owner } from '../identity/owner-key.ts'
import type { Role } from '../identity/roles.ts'
import type { Sessions } from '../sessions/sessions.ts'

/**
 * What an app may use, as `app.latchkey`. Nothing here verifies a password, registers a visitor, or has a hash or a
 * secret: `request.verifyPassword()` counts the attempt, records it, and takes the same time for any name.
 */
export interface Latchkey {
  readonly accounts: AccountsForApps
  readonly sessions: SessionsForApps
  readonly groups: GroupsForApps
  readonly audit: Pick<AuditTrail, 'record' | 'list'>
}

/** A change counts at the next request, in every process. Accounts are given by their id. Every method throws StorageError. */
export interface GroupsForApps
  extends Pick<Groups, 'add' | 'remove' | 'list' | 'find' | 'members' | 'join' | 'leave'> {
  /** The names of the groups of an account as they are now, ordered; none for the id of somebody without an account. */
  of(account: string): Promise<readonly string[]>
}

/** Every method but `handleOf` throws StorageError. An `owner` is the id that `request.requireUser()` gives. */
export interface SessionsForApps extends Pick<Sessions, 'listByUser' | 'revokeOne' | 'handleOf'> {
  /** Ends all sessions of a user or an account. @returns how many there were; 1001: more than a thousand */
  revokeAllOf(user: Owner): Promise<number>
  /** As `revokeAllOf`, except the session with this id. */
  revokeOthers(user: Owner, id: string): Promise<number>
}

/** An account without its password hash. */
export type AccountDetails = Pick<
  StoredAccount,
  'id' | 'name' | 'role' | 'createdAt' | 'disabledAt' | 'failedAttempts'
>

export type DetailsChanged =
  | { readonly ok: true; readonly account: AccountDetails; readonly sessionsEnded: number }
  | Extract<Changed, { ok: false }>

export type DetailsRenamed =
  | { readonly ok: true; readonly account: AccountDetails; readonly formerName: string }
  | Extract<Renamed, { ok: false }>

/** What an administrator does with accounts. Every method throws StorageError when the database cannot answer. */
export class AccountsForApps {
  readonly #accounts: Accounts
  readonly #renaming: Renaming

  constructor(accounts: Accounts, renaming: Renaming) {
    this.#accounts = accounts
    this.#renaming = renaming
  }

  /** Creates an account, whatever REGISTRATION says. */
  add(credentials: Credentials, role?: Role): ReturnType<Accounts['add']> {
    return this.#accounts.add(credentials, role)
  }

  /**
   * This and the next three end all sessions of the user; `sessionsEnded` is 1001 if there were more than a thousand.
   * @param options.keep the id of the session that continues
   */
  async changePassword(
    credentials: Credentials,
    options?: Pick<ChangeOptions, 'keep'>
  ): Promise<DetailsChanged> {
    return withoutHash(await this.#accounts.changePassword(credentials, options))
  }

  /** @throws {LastAdministratorError} as the next two, unless forced: nobody else could manage accounts */
  async setRole(username: string, role: Role, options?: ForceOptions): Promise<DetailsChanged> {
    return withoutHash(await this.#accounts.setRole(username, role, options))
  }

  /** Refuses sign-in until `enable`. */
  async disable(username: string, options?: ForceOptions): Promise<DetailsChanged> {
    return withoutHash(await this.#accounts.disable(username, options))
  }

  async remove(username: string, options?: ForceOptions): Promise<DetailsChanged> {
    return withoutHash(await this.#accounts.remove(username, options))
  }

  /** @returns undefined when there is no such account; so does `find` */
  async enable(username: string): Promise<AccountDetails | undefined> {
    const account = await this.#accounts.enable(username)
    return account && detailsOf(account)
  }

  /**
   * Who is signed in goes on under the new name; nobody else can take the former one for 30 days.
   * @returns undefined when there is no such account; the error when the name is invalid, taken or held
   */
  async rename(username: string, name: string): Promise<DetailsRenamed | undefined> {
    const renamed = await this.#renaming.rename(username, name)
    return renamed?.ok ? { ...renamed, account: detailsOf(renamed.account) } : renamed
  }

  /** Finds an account by any spelling of its name. */
  async find(username: string): Promise<AccountDetails | undefined> {
    const account = await this.#accounts.find(username)
    return account && detailsOf(account)
  }

  /** Ordered by name. */
  async list(): Promise<readonly AccountDetails[]> {
    return (await this.#accounts.list()).map(detailsOf)
  }

  isEmpty(): Promise<boolean> {
    return this.#accounts.isEmpty()
  }
}

export function forApps(services: {
  readonly accounts: Accounts
  readonly renaming: Renaming
  readonly sessions: Sessions
  readonly groups: Groups
  readonly present: PresentAccounts
  readonly audit: AuditTrail
}): Latchkey {
  const { accounts, renaming, sessions, groups, present, audit } = services
  return {
    accounts: new AccountsForApps(accounts, renaming),
    sessions: {
      listByUser: (owner, page) => sessions.listByUser(owner, page),
      revokeOne: (owner, handle) => sessions.revokeOne(owner, handle),
      revokeOthers: (user, id) => sessions.revokeAllOf(user, id),
      revokeAllOf: (user) => sessions.revokeAllOf(user),
      handleOf: (id) => sessions.handleOf(id)
    },
    groups: {
      add: (name) => groups.add(name),
      remove: (name) => groups.remove(name),
      list: () => groups.list(),
      find: (name) => groups.find(name),
      members: (name, page) => groups.members(name, page),
      join: (account, name) => groups.join(account, name),
      leave: (account, name) => groups.leave(account, name),
      of: async (account) => (isAccountId(account) ? (await present.factsOf(account)).groups : [])
    },
    audit: { record: (event) => audit.record(event), list: (of, limit) => audit.list(of, limit) }
  }
}

function withoutHash(changed: Changed): DetailsChanged {
  return changed.ok ? { ...changed, account: detailsOf(changed.account) } : changed
}

function detailsOf(account: StoredAccount): AccountDetails {
  const { id, name, role, createdAt, disabledAt, failedAttempts } = account
  return { id, name, role, createdAt, disabledAt, failedAttempts }
}
