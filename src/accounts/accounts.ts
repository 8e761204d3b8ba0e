import { BadInputError, SignInUndoneError } from '../errors/errors.ts'
import { message } from '../i18n/texts.ts'
import { addressKey } from '../identity/email-address.ts'
import { nameKey } from '../identity/names.ts'
import type { Role } from '../identity/roles.ts'
import type { Flow } from '../primitives/fair-queue.ts'
import type { AccountState, SignedInAs, StoredAccount } from './account.ts'
import type { AccountsOptions } from './accounts-options.ts'
import type {
  AccountsStore,
  ChangeAccountOptions,
  ForcedOptions,
  Page,
  RemoveOptions
} from './accounts-store.ts'
import { unlessBusy } from './bulkhead.ts'
import { applied, type Changed, type ChangeOptions, confirmed } from './changes.ts'
import { checkNewName } from './new-names.ts'
import { type Credentials, NewPasswords } from './new-passwords.ts'
import { lengthOf, maxPasswordLength } from './password-policy.ts'
import type { Passwords } from './passwords.ts'
import { AnyAccount, closed, isTaken, type Registered, type Registration, taken } from './registration.ts'
import {
  flowOf,
  maxFailedAttempts,
  notVerified,
  type Verification,
  type VerifyOptions,
  verifiedAccount
} from './verification.ts'

export type { Credentials } from './new-passwords.ts'

/**
 * Everything that can be done with accounts. Every method throws StorageError if the database fails. A session says
 * whose it is and what the user may do, so every change of that ends the user's sessions. A sign-in in flight does not
 * survive it either: see isUnchangedSince. What a change ends is written down in the statement that makes it: after a
 * ChangeUnknownError it ends as soon as the stores answer, if the change was made, and calling the method again is safe.
 */
export class Accounts {
  readonly #store: AccountsStore
  readonly #sessions: AccountsOptions['sessions']
  readonly #passwords: Passwords
  readonly #registration: Registration
  readonly #sendsMail: () => boolean
  /** For whatever sets another password: a link, registration. */
  readonly newPasswords: NewPasswords
  readonly #anyAccount: AnyAccount

  constructor(options: AccountsOptions) {
    this.#store = options.store
    this.#anyAccount = new AnyAccount(options.store)
    this.#sessions = options.sessions
    this.#passwords = options.passwords
    this.#registration = options.registration
    this.#sendsMail = options.sendsMail ?? (() => false)
    const { passwords, passwordMinLength: minLength, publicUrl, siteName } = options
    this.newPasswords = new NewPasswords({ passwords, minLength, publicUrl, siteName })
  }

  /** In code points. */
  get passwordMinLength(): number {
    return this.newPasswords.minLength
  }

  /**
   * Verifies a name, or a confirmed address, and password, in the same time whether or not the account exists. A
   * disabled account gets the same answer as a wrong password, so that it does not reveal that the password was
   * right. Wrong passwords in a row are counted with the account. A right password within the limit resets the
   * count, and so does an administrator.
   */
  async verify({ username, password }: Credentials, options: VerifyOptions = {}): Promise<Verification> {
    const { max = maxFailedAttempts, address, found } = options
    if (lengthOf(password) > maxPasswordLength) return { ok: false }
    const account = found === undefined ? await this.findToSignIn(username) : (found ?? undefined)
    const flow = flowOf(nameKey(account?.name ?? username), address)
    const isAllowed = async () =>
      max === Number.POSITIVE_INFINITY || this.#store.countAttempt(account?.id ?? '', max)
    const matches = await this.#passwords.verify(account?.passwordHash, password, { flow, isAllowed })
    if (!matches || !account || account.disabledAt) return notVerified(account, max)
    await this.#store.resetAttempts(account.id)
    if (this.#passwords.isOutdated(account.passwordHash)) await this.#rehash(account, password, flow)
    return { ok: true, account: verifiedAccount(account) }
  }

  /** Whether nobody can sign in, because the pepper of the hash is no longer in the settings. */
  lacksPepper({ passwordHash }: StoredAccount): boolean {
    return this.#passwords.lacksPepper(passwordHash)
  }

  /**
   * Whether the account has not changed since its password was verified. A sign-in calls this after its
   * session is stored: a change ends the sessions that exist, and this check finds a session stored in
   * between. If an app signs an account in without a password, it is enough that it exists and is not disabled.
   * @param account without an id: of somebody who has no account; then there must be none of that name
   */
  async isUnchangedSince({ id, name, verifiedState }: SignedInAs): Promise<boolean> {
    if (verifiedState) return this.#store.isUnchangedSince(verifiedState)
    const account = await this.find(name)
    return account?.id === id && !account?.disabledAt
  }

  /**
   * Creates an account for a visitor if REGISTRATION allows it. A name that looks like another's is taken. Of two
   * concurrent first accounts one is created.
   * @param address the client's, for a fair queue
   */
  async register(credentials: Credentials, address?: string): Promise<Registered> {
    if (!(await this.acceptsRegistration())) return closed()
    if (this.#registration === 'open')
      return this.#create(credentials, (account) => this.#store.insertRegistered(account), address)
    const created = await this.#create(credentials, (account) => this.#store.insertFirst(account), address)
    return isTaken(created) && !(await this.find(credentials.username)) ? closed() : created
  }

  /** Creates an account for an administrator, whatever REGISTRATION says. @param email checked; it counts as confirmed */
  add(credentials: Credentials, role: Role = 'user', email?: string): Promise<Registered> {
    return this.#create({ ...credentials, email }, (one) => this.#store.insert({ ...one, role, email }))
  }

  /**
   * Ends all sessions of the user, except the one to keep.
   * @throws {SignInUndoneError} when the account has changed since the old password was verified
   */
  async changePassword({ username, password }: Credentials, options: ChangeOptions = {}): Promise<Changed> {
    const { verifiedState, address, keep, circumstances } = options
    const keptSession = keep && this.#sessions.keyOf(keep)
    const hashed = await this.newPasswords.hash({ username, password }, address)
    if (!hashed.ok) return hashed
    const { hash } = hashed
    const account = await confirmed(
      verifiedState
        ? this.#store.replacePasswordHash(verifiedState, hash, { keptSession, circumstances })
        : this.#store.setPasswordHash(nameKey(username), hash, { circumstances })
    )
    if (verifiedState && !account) throw new SignInUndoneError()
    return this.#endSessions(username, account, options)
  }

  /**
   * Ends all sessions of the user, who signs in again with the new role.
   * @throws {LastAdministratorError} as the next two, unless forced; one who is disabled counts as none
   */
  async setRole(username: string, role: Role, options?: ForcedOptions): Promise<Changed> {
    return this.#endSessions(username, await confirmed(this.#store.setRole(nameKey(username), role, options)))
  }

  /** Ends all sessions and refuses sign-in. The account stays. */
  async disable(username: string, options?: ForcedOptions): Promise<Changed> {
    return this.#endSessions(username, await confirmed(this.#store.disable(nameKey(username), options)))
  }

  /** Allows sign-in again. @returns undefined when there is no such account */
  enable(username: string, options?: ChangeAccountOptions): Promise<StoredAccount | undefined> {
    return this.#store.enable(nameKey(username), options)
  }

  /** Wrong passwords in a row count anew. @param id of the account */
  forgetFailedAttempts = (id: string): Promise<void> => this.#store.resetAttempts(id)

  /** Deletes the account; the audit trail stays. The name becomes free. */
  async remove(username: string, options?: RemoveOptions): Promise<Changed> {
    const removed = await confirmed(this.#store.remove(nameKey(username), options))
    this.#anyAccount.forget()
    // It may have been removed before, by a call whose answer was lost.
    if (!removed) await applied(this.#sessions.applyEndings())
    return this.#endSessions(username, removed && { ...removed, version: removed.version + 1 })
  }

  /** Finds an account by any spelling of its name. */
  find(username: string): Promise<StoredAccount | undefined> {
    return this.#store.find(nameKey(username))
  }

  /** Finds an account by any spelling of its name, or of its confirmed address. */
  findToSignIn(typed: string): Promise<StoredAccount | undefined> {
    return this.#store.findByEither(nameKey(typed), addressKey(typed))
  }

  findById(id: string): Promise<StoredAccount | undefined> {
    return this.#store.findById(id)
  }

  /** The version that it had when a request began. @param arrivedAt by `performance.now()` */
  versionAt(account: AccountState, arrivedAt: number): Promise<number> {
    return this.#store.versionAt(account, arrivedAt)
  }

  list(): Promise<readonly StoredAccount[]> {
    return this.#store.list()
  }

  /** One page, ordered by name. @param after the page starts after this name */
  page({ after, limit }: Page): Promise<readonly StoredAccount[]> {
    return this.#store.page({ after: after === undefined ? after : nameKey(after), limit })
  }

  /** Checks that the database takes what a sign-in writes, which a read-only one does not although it answers. */
  checkWritable(): Promise<void> {
    return this.#store.checkWritable()
  }

  isEmpty(): Promise<boolean> {
    return this.#store.isEmpty()
  }

  /** Whether removing this account would open registration to anybody. */
  async holdsRegistrationClosed(username: string): Promise<boolean> {
    return this.#registration === 'first' && this.#store.isOnly(nameKey(username))
  }

  async acceptsRegistration(): Promise<boolean> {
    return this.#registration === 'first'
      ? !(await this.#anyAccount.isThere())
      : this.#registration === 'open'
  }

  /** A sign-in is the only time when the password is known: computes its hash at the current cost. */
  async #rehash({ name, passwordHash }: StoredAccount, password: string, flow: Flow): Promise<void> {
    const to = await this.#passwords.hash(password, flow).catch(unlessBusy)
    if (to !== undefined) await this.#store.replaceHash(nameKey(name), { from: passwordHash, to })
  }

  /** The database has ended the sessions of the account in the statement that changed it. */
  async #endSessions(
    username: string,
    account: StoredAccount | undefined,
    { keep }: ChangeOptions = {}
  ): Promise<Changed> {
    if (!account) return { ok: false, reason: message('names.nobodys', { name: username }) }
    const sessionsEnded = await applied(this.#sessions.applyChange(account, account.version, keep))
    return { ok: true, account, sessionsEnded }
  }

  async #create(
    { username, password, email }: Credentials & { email?: string | undefined },
    insert: AccountsStore['insert'],
    address?: string
  ): Promise<Registered> {
    const name = checkNewName(username, { email, sendsMail: this.#sendsMail })
    if (!name.ok) return { ok: false, field: 'username', error: new BadInputError(name.reason) }
    const hashed = await this.newPasswords.hash({ username, password }, address)
    if (!hashed.ok) return { ok: false, field: 'password', error: new BadInputError(hashed.reason) }

    const inserted = await insert({ name: name.name, key: name.key, passwordHash: hashed.hash })
    return inserted ? { ok: true, account: verifiedAccount(inserted) } : taken()
  }
}
