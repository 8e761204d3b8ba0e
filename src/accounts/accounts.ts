import type { Registration } from '../config.ts'
import { BadInputError, NameTakenError, RegistrationClosedError } from '../errors.ts'
import type { AccountsStore, StoredAccount } from './accounts-store.ts'
import { checkName, nameKey } from './names.ts'
import { longestPassword, PasswordPolicy } from './password-policy.ts'
import type { Passwords } from './passwords.ts'

/** A person who can sign in. */
export interface Account {
  /** As written when the account was made. */
  readonly name: string
  /** Which of the account's passwords was proved, where one was. */
  readonly passwordVersion?: number
}

/** What somebody typed: a name and a password, neither checked yet. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

export type Verification = { readonly ok: true; readonly account: Account } | { readonly ok: false }

export type Refusal =
  | { readonly field: 'username'; readonly error: BadInputError | NameTakenError }
  | { readonly field: 'password'; readonly error: BadInputError }
  | { readonly field: undefined; readonly error: RegistrationClosedError }

export type Registered = { readonly ok: true; readonly account: Account } | ({ readonly ok: false } & Refusal)

export interface AccountsOptions {
  readonly store: AccountsStore
  readonly passwords: Passwords
  readonly registration: Registration
  /** In code points. */
  readonly passwordMinLength: number
  /** Where people reach the service; its host name is no password. */
  readonly publicUrl?: URL | undefined
}

/** Everything that can be done with accounts. Every method throws StorageError when the database cannot answer. */
export class Accounts {
  readonly #store: AccountsStore
  readonly #passwords: Passwords
  readonly #registration: Registration
  readonly #policy: PasswordPolicy

  constructor(options: AccountsOptions) {
    this.#store = options.store
    this.#passwords = options.passwords
    this.#registration = options.registration
    this.#policy = new PasswordPolicy({ minLength: options.passwordMinLength, publicUrl: options.publicUrl })
  }

  /** In code points. */
  get passwordMinLength(): number {
    return this.#policy.minLength
  }

  /** Says whose name and password these are, in the same time whether or not there is such a person. */
  async verify({ username, password }: Credentials): Promise<Verification> {
    if ([...password.normalize('NFC')].length > longestPassword) return { ok: false }
    const account = await this.#store.find(nameKey(username))
    const matches = await this.#passwords.verify(account?.passwordHash, password)
    if (!matches || !account) return { ok: false }
    if (this.#passwords.isOutdated(account.passwordHash)) await this.#rehash(account, password)
    return { ok: true, account: { name: account.name, passwordVersion: account.passwordVersion } }
  }

  /**
   * Whether the password that was proved is the account's still. Whoever lets somebody in asks once more when
   * the session is kept: who changes a password ends the sessions there are, and this finds the one that began
   * in between.
   */
  async isStillProved({ name, passwordVersion }: Account): Promise<boolean> {
    if (passwordVersion === undefined) return true
    const account = await this.#store.find(nameKey(name))
    return account?.passwordVersion === passwordVersion
  }

  /** Makes the account of a visitor, as far as REGISTRATION allows it. Of two first accounts at once, one is made. */
  async register(credentials: Credentials): Promise<Registered> {
    if (!(await this.acceptsRegistration())) return closed()
    if (this.#registration === 'open') return this.add(credentials)
    return this.#create(credentials, (account) => this.#store.insertFirst(account))
  }

  /** Makes an account on behalf of an administrator, whatever REGISTRATION says. */
  add(credentials: Credentials): Promise<Registered> {
    return this.#create(credentials, (account) => this.#store.insert(account))
  }

  /** @returns why the password was refused, or that the name is nobody's */
  async changePassword({
    username,
    password
  }: Credentials): Promise<{ ok: true } | { ok: false; reason: string }> {
    const check = await this.#policy.check({ username, password })
    if (!check.ok) return check
    const changed = await this.#store.setPasswordHash(nameKey(username), await this.#passwords.hash(password))
    return changed ? { ok: true } : { ok: false, reason: `Nobody is called "${username}".` }
  }

  /** In the order of their names. */
  list(): Promise<readonly StoredAccount[]> {
    return this.#store.list()
  }

  /** Does nothing but ask the database for an answer. */
  reach(): Promise<void> {
    return this.#store.reach()
  }

  isEmpty(): Promise<boolean> {
    return this.#store.isEmpty()
  }

  async acceptsRegistration(): Promise<boolean> {
    if (this.#registration === 'first') return this.#store.isEmpty()
    return this.#registration === 'open'
  }

  /** The password is known only now, at a sign-in: brings its hash to today's cost. */
  async #rehash({ name, passwordHash }: StoredAccount, password: string): Promise<void> {
    const to = await this.#passwords.hash(password)
    await this.#store.replaceHash(nameKey(name), { from: passwordHash, to })
  }

  async #create({ username, password }: Credentials, insert: AccountsStore['insert']): Promise<Registered> {
    const name = checkName(username)
    if (!name.ok) return { ok: false, field: 'username', error: new BadInputError(name.reason) }
    const check = await this.#policy.check({ username, password })
    if (!check.ok) return { ok: false, field: 'password', error: new BadInputError(check.reason) }

    const passwordHash = await this.#passwords.hash(password)
    const inserted = await insert({ name: name.name, key: name.key, passwordHash })
    if (inserted) return { ok: true, account: { name: name.name } }
    return (await this.#store.find(name.key)) ? taken() : closed()
  }
}

function taken(): Registered {
  return { ok: false, field: 'username', error: new NameTakenError() }
}

function closed(): Registered {
  return { ok: false, field: undefined, error: new RegistrationClosedError() }
}
