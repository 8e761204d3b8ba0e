import {
  BadInputError,
  NameTakenError,
  RegistrationClosedError,
  SignInUndoneError
} from '../errors/errors.ts'
import { type Saying, saying } from '../i18n/texts.ts'
import { checkName, nameKey } from '../identity/names.ts'
import type { Role } from '../identity/roles.ts'
import type { Account, AccountState, StoredAccount } from './account.ts'
import type { AccountsStore, Page } from './accounts-store.ts'
import { unlessBusy } from './hash-gate.ts'
import { lengthOf, longestPassword, PasswordPolicy } from './password-policy.ts'
import type { Passwords } from './passwords.ts'
import { mostWrongInARow, notProved, provedNow, type Verification } from './proofs.ts'

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
  | { readonly ok: false; readonly reason: Saying }

export interface ChangeOptions {
  /** The id of the one session that goes on. */
  readonly keep?: string | undefined
  /** The account as it was when its old password was proved: has it changed since, it is not changed once more. */
  readonly proved?: AccountState | undefined
}

/** The sessions that people are signed in with. Both methods throw StorageError. */
export interface SessionsOfPeople {
  /** Ends every session of a person. @returns how many there were */
  endAll(name: string): Promise<number>
  /** Ends every session of a person but the one with this id. @returns how many there were */
  endOthers(name: string, id: string): Promise<number>
}

export interface AccountsOptions {
  readonly store: AccountsStore
  readonly sessions: SessionsOfPeople
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
 * under way at that moment does not survive (see isStillProved). When the sessions cannot be reached the change is
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
   * @param most how many passwords in a row may be wrong, this one included, until a right one is proved with more
   * allowed, or an administrator opens another way in. They are kept with the account for good.
   */
  async verify({ username, password }: Credentials, most = mostWrongInARow): Promise<Verification> {
    if (lengthOf(password) > longestPassword) return { ok: false }
    const key = nameKey(username)
    const account = await this.#store.find(key)
    const counted = () => this.#store.countTry(key, most)
    const matches = await this.#passwords.verify(account?.passwordHash, password, counted)
    if (!matches || !account || account.disabledAt) return notProved(account, most)
    await this.#store.forgetTries(key)
    if (this.#passwords.isOutdated(account.passwordHash)) await this.#rehash(account, password)
    return { ok: true, account: provedNow(account) }
  }

  /** Whether nobody can sign in with it, because its hash has a pepper that is in the settings no more. */
  lacksPepper({ passwordHash }: StoredAccount): boolean {
    return this.#passwords.isBeyondUse(passwordHash)
  }

  /**
   * Whether the account is still as it was when its password was proved. Whoever lets somebody in asks once
   * more when the session is kept: who changes an account then ends the sessions there are, and this finds the
   * one that began in between. An app that lets people in by other means has proved no password: then the name is
   * that of no account, or of one that is not disabled.
   */
  async isStillProved({ name, proved }: Account): Promise<boolean> {
    return proved ? this.#store.isStill(proved) : !(await this.find(name))?.disabledAt
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
    const { proved } = options
    const account = await (proved
      ? this.#store.replacePasswordHash(proved, hash)
      : this.#store.setPasswordHash(nameKey(username), hash))
    if (proved && !account) throw new SignInUndoneError()
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
  reach(): Promise<void> {
    return this.#store.reach()
  }

  isEmpty(): Promise<boolean> {
    return this.#store.isEmpty()
  }

  /** Whether REGISTRATION would be everybody's again if this person left. */
  async keepsRegistrationShut(username: string): Promise<boolean> {
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
    if (!account) return { ok: false, reason: saying('names.nobodys', { name: username }) }
    const { name } = account
    const sessionsEnded = await (keep === undefined
      ? this.#sessions.endAll(name)
      : this.#sessions.endOthers(name, keep))
    return { ok: true, account, sessionsEnded }
  }

  async #create({ username, password }: Credentials, insert: AccountsStore['insert']): Promise<Registered> {
    const name = checkName(username)
    if (!name.ok) return { ok: false, field: 'username', error: new BadInputError(name.reason) }
    const check = await this.#policy.check({ username, password })
    if (!check.ok) return { ok: false, field: 'password', error: new BadInputError(check.reason) }

    const passwordHash = await this.#passwords.hash(password)
    const inserted = await insert({ name: name.name, key: name.key, passwordHash })
    if (inserted) return { ok: true, account: provedNow(inserted) }
    return (await this.#store.find(name.key)) ? taken() : closed()
  }
}

function taken(): Registered {
  return { ok: false, field: 'username', error: new NameTakenError() }
}

function closed(): Registered {
  return { ok: false, field: undefined, error: new RegistrationClosedError() }
}
