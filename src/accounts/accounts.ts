import {
  BadInputError,
  NameTakenError,
  RegistrationClosedError,
  SignInUndoneError
} from '../errors/errors.ts'
import { type Message, message } from '../i18n/texts.ts'
import { checkName, nameKey } from '../identity/names.ts'
import type { Role } from '../identity/roles.ts'
import type { Account, AccountState, StoredAccount } from './account.ts'
import type { AccountsStore, Page } from './accounts-store.ts'
import { unlessBusy } from './bulkhead.ts'
import { lengthOf, maxPasswordLength, PasswordPolicy } from './password-policy.ts'
import type { Passwords } from './passwords.ts'
import { maxFailedAttempts, notVerified, type Verification, verifiedAccount } from './verification.ts'

/** Who may create an account at /register: whoever comes while there is none, everybody, or nobody. */
export type Registration = 'first' | 'open' | 'closed'

/** What somebody typed: a name and a password, neither checked yet. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

export type Refusal =
  | { readonly field: 'username'; readonly error: BadInputError | NameTakenError }
  | { readonly field: 'password'; readonly error: BadInputError }
  | { readonly field: undefined; readonly error: RegistrationClosedError }

export type Registered = { readonly ok: true; readonly account: Account } | ({ readonly ok: false } & Refusal)

/** What became of a change after which no earlier sign-in counts, or why there was none. */
export type Changed =
  | { readonly ok: true; readonly account: StoredAccount; readonly sessionsEnded: number }
  | { readonly ok: false; readonly reason: Message }

export interface ChangeOptions {
  /** The id of the one session that goes on. */
  readonly keep?: string | undefined
  /** The account as it was when its old password was proved: has it changed since, it is not changed once more. */
  readonly verifiedState?: AccountState | undefined
}

/** The sessions that people are signed in with. Both methods throw StorageError. */
export interface RevocableSessions {
  /** Ends every session of a person. @returns how many there were */
  revokeAllOf(name: string): Promise<number>
  /** Ends every session of a person but the one with this id. @returns how many there were */
  revokeOthers(name: string, id: string): Promise<number>
}

export interface AccountsOptions {
  readonly store: AccountsStore
  readonly sessions: RevocableSessions
  readonly passwords: Passwords
  readonly registration: Registration
  /** In code points. */
  readonly passwordMinLength: number
  /** Where people reach the service; its host name is no password. */
  readonly publicUrl?: URL | undefined
  /** What the site is called; its words are no password either. */
  readonly siteName?: string | undefined
}

/**
 * Everything that can be done with accounts. Every method throws StorageError when the database cannot answer.
 *
 * A session says by itself whose it is and what that person may do, without asking here. So whatever changes
 * that ends the sessions of the person, and signing in looks once more when the session is stored: a sign-in
 * under way at that moment does not survive (see isUnchangedSince). When the sessions cannot be reached the change is
 * made all the same, and the StorageError says that they are still there: do it again.
 */
export class Accounts {
  readonly #store: AccountsStore
  readonly #sessions: AccountsOptions['sessions']
  readonly #passwords: Passwords
  readonly #registration: Registration
  readonly #policy: PasswordPolicy

  constructor(options: AccountsOptions) {
    this.#store = options.store
    this.#sessions = options.sessions
    this.#passwords = options.passwords
    this.#registration = options.registration
    const { passwordMinLength: minLength, publicUrl, siteName } = options
    this.#policy = new PasswordPolicy({ minLength, publicUrl, siteName })
  }

  /** In code points. */
  get passwordMinLength(): number {
    return this.#policy.minLength
  }

  /**
   * Says whose name and password these are, in the same time whether or not there is such a person. A disabled
   * account is answered as a wrong password is, so that nobody learns from it that the password was right.
   * @param max how many passwords in a row may be wrong, this one included, until a right one is proved with more
   * allowed, or an administrator opens another way in. They are kept with the account for good.
   */
  async verify({ username, password }: Credentials, max = maxFailedAttempts): Promise<Verification> {
    if (lengthOf(password) > maxPasswordLength) return { ok: false }
    const key = nameKey(username)
    const account = await this.#store.find(key)
    const counted = () => this.#store.countAttempt(key, max)
    const matches = await this.#passwords.verify(account?.passwordHash, password, counted)
    if (!matches || !account || account.disabledAt) return notVerified(account, max)
    await this.#store.resetAttempts(key)
    if (this.#passwords.isOutdated(account.passwordHash)) await this.#rehash(account, password)
    return { ok: true, account: verifiedAccount(account) }
  }

  /** Whether nobody can sign in with it, because its hash has a pepper that is in the settings no more. */
  lacksPepper({ passwordHash }: StoredAccount): boolean {
    return this.#passwords.lacksPepper(passwordHash)
  }

  /**
   * Whether the account is still as it was when its password was proved. Whoever lets somebody in asks once
   * more when the session is kept: who changes an account then ends the sessions there are, and this finds the
   * one that began in between. An app that lets people in by other means has proved no password: then the name is
   * that of no account, or of one that is not disabled.
   */
  async isUnchangedSince({ name, verifiedState }: Account): Promise<boolean> {
    return verifiedState ? this.#store.isUnchangedSince(verifiedState) : !(await this.find(name))?.disabledAt
  }

  /** Makes the account of a visitor, as far as REGISTRATION allows it. Of two first accounts at once, one is made. */
  async register(credentials: Credentials): Promise<Registered> {
    if (!(await this.acceptsRegistration())) return closed()
    if (this.#registration === 'open') return this.add(credentials)
    return this.#create(credentials, (account) => this.#store.insertFirst(account))
  }

  /** Makes an account on behalf of an administrator, whatever REGISTRATION says. */
  add(credentials: Credentials, role: Role = 'user'): Promise<Registered> {
    return this.#create(credentials, (account) => this.#store.insert({ ...account, role }))
  }

  /**
   * Ends every session of the person, but for one that is to be kept.
   * @throws {SignInUndoneError} when the account is not as it was when the old password was proved
   */
  async changePassword({ username, password }: Credentials, options: ChangeOptions = {}): Promise<Changed> {
    const check = await this.#policy.check({ username, password })
    if (!check.ok) return check
    const hash = await this.#passwords.hash(password)
    const { verifiedState } = options
    const account = await (verifiedState
      ? this.#store.replacePasswordHash(verifiedState, hash)
      : this.#store.setPasswordHash(nameKey(username), hash))
    if (verifiedState && !account) throw new SignInUndoneError()
    return this.#endSessions(username, account, options)
  }

  /** Whoever it is is signed out everywhere, and signs in with the new role. */
  async setRole(username: string, role: Role): Promise<Changed> {
    return this.#endSessions(username, await this.#store.setRole(nameKey(username), role))
  }

  /** From now on nobody is signed in with this account, nor signs in. What it holds stays. */
  async disable(username: string): Promise<Changed> {
    return this.#endSessions(username, await this.#store.disable(nameKey(username)))
  }

  /** Lets the person sign in again. @returns undefined when the name is nobody's */
  enable(username: string): Promise<StoredAccount | undefined> {
    return this.#store.enable(nameKey(username))
  }

  /** Nothing but the audit trail remembers the person. The name is free. */
  async remove(username: string): Promise<Changed> {
    return this.#endSessions(username, await this.#store.remove(nameKey(username)))
  }

  /** However the name is spelled. */
  find(username: string): Promise<StoredAccount | undefined> {
    return this.#store.find(nameKey(username))
  }

  /** In the order of their names. */
  list(): Promise<readonly StoredAccount[]> {
    return this.#store.list()
  }

  /** Some at a time, in the order of their names. @param after the name before the first one */
  page({ after, limit }: Page): Promise<readonly StoredAccount[]> {
    return this.#store.page({ after: after === undefined ? after : nameKey(after), limit })
  }

  /** Does nothing but ask the database for an answer. */
  ping(): Promise<void> {
    return this.#store.ping()
  }

  isEmpty(): Promise<boolean> {
    return this.#store.isEmpty()
  }

  /** Whether REGISTRATION would be everybody's again if this person left. */
  async holdsRegistrationClosed(username: string): Promise<boolean> {
    return this.#registration === 'first' && this.#store.isOnly(nameKey(username))
  }

  async acceptsRegistration(): Promise<boolean> {
    if (this.#registration === 'first') return this.#store.isEmpty()
    return this.#registration === 'open'
  }

  /** The password is known only now, at a sign-in: brings its hash to today's cost. */
  async #rehash({ name, passwordHash }: StoredAccount, password: string): Promise<void> {
    const to = await this.#passwords.hash(password).catch(unlessBusy)
    if (to !== undefined) await this.#store.replaceHash(nameKey(name), { from: passwordHash, to })
  }

  async #endSessions(
    username: string,
    account: StoredAccount | undefined,
    { keep }: ChangeOptions = {}
  ): Promise<Changed> {
    if (!account) return { ok: false, reason: message('names.nobodys', { name: username }) }
    const { name } = account
    const sessionsEnded = await (keep === undefined
      ? this.#sessions.revokeAllOf(name)
      : this.#sessions.revokeOthers(name, keep))
    return { ok: true, account, sessionsEnded }
  }

  async #create({ username, password }: Credentials, insert: AccountsStore['insert']): Promise<Registered> {
    const name = checkName(username)
    if (!name.ok) return { ok: false, field: 'username', error: new BadInputError(name.reason) }
    const check = await this.#policy.check({ username, password })
    if (!check.ok) return { ok: false, field: 'password', error: new BadInputError(check.reason) }

    const passwordHash = await this.#passwords.hash(password)
    const inserted = await insert({ name: name.name, key: name.key, passwordHash })
    if (inserted) return { ok: true, account: verifiedAccount(inserted) }
    return (await this.#store.find(name.key)) ? taken() : closed()
  }
}

function taken(): Registered {
  return { ok: false, field: 'username', error: new NameTakenError() }
}

function closed(): Registered {
  return { ok: false, field: undefined, error: new RegistrationClosedError() }
}
