import { BadInputError, NameTakenError, SignInUndoneError } from '../errors/errors.ts'
import { message } from '../i18n/texts.ts'
import { nameKey } from '../identity/names.ts'
import type { AccountState, StoredAccount } from './account.ts'
import type { AccountsStore, ToldOptions } from './accounts-store.ts'
import { applied, confirmed } from './changes.ts'
import type { FormerNames, NewName } from './former-names.ts'
import { checkNewName } from './new-names.ts'
import type { RevocableSessions } from './revocable-sessions.ts'

/** How many former names an owner can hold: each is kept from everybody else for 30 days. */
export const maxHeldNames = 5

export type Renamed =
  | { readonly ok: true; readonly account: StoredAccount; readonly formerName: string }
  | { readonly ok: false; readonly error: BadInputError | NameTakenError }

export interface RenamingOptions {
  readonly store: Pick<AccountsStore, 'isUnchangedSince' | 'find' | 'rename'>
  readonly names: FormerNames
  readonly sessions: RevocableSessions
  /** Whether mail is sent: see checkNewName. */
  readonly sendsMail?: () => boolean
}

/**
 * Renames accounts. Id, password, browsers and sessions stay: who is signed in goes on under the new name. Nobody can sign
 * in by the former one. For 30 days it is held, as if it were taken, and the account can take it back. Both methods throw
 * StorageError, and {ChangeUnknownError} when it may have been done: doing it again is safe.
 */
export class Renaming {
  readonly #store: RenamingOptions['store']
  readonly #names: FormerNames
  readonly #sessions: RevocableSessions
  readonly #sendsMail: () => boolean

  constructor({ store, names, sessions, sendsMail = () => false }: RenamingOptions) {
    this.#store = store
    this.#names = names
    this.#sessions = sessions
    this.#sendsMail = sendsMail
  }

  /**
   * For the owner, who has verified the password: a name that looks like another's is taken.
   * @throws {SignInUndoneError} when the account has changed since
   */
  async choose(
    account: StoredAccount,
    name: string,
    verified: AccountState,
    told?: ToldOptions
  ): Promise<Renamed> {
    const held = await this.#names.countHeld(account.id, nameKey(name))
    if (held >= maxHeldNames && nameKey(name) !== nameKey(account.name))
      return refused(new BadInputError(message('names.tooManyFormer', { most: maxHeldNames })))
    const renamed = await this.#rename(account, { name, chosenAt: verified.version }, told)
    if (!renamed.ok && renamed.error instanceof NameTakenError) {
      if (!(await this.#store.isUnchangedSince(verified))) throw new SignInUndoneError()
    }
    return renamed
  }

  /** For an administrator. @returns undefined when there is no such account */
  async rename(username: string, name: string, told?: ToldOptions): Promise<Renamed | undefined> {
    const account = await this.#store.find(nameKey(username))
    return account && this.#rename(account, { name }, told)
  }

  /** Who holds a name that nobody has: for administrators alone. */
  holderOf(name: string): ReturnType<FormerNames['holderOf']> {
    return this.#names.holderOf(nameKey(name))
  }

  async #rename(account: StoredAccount, wanted: Omit<NewName, 'key'>, told?: ToldOptions): Promise<Renamed> {
    const { id, name: formerName } = account
    const checked = checkNewName(wanted.name, { email: account.email, sendsMail: this.#sendsMail })
    if (!checked.ok) return refused(new BadInputError(checked.reason))
    if (checked.name === formerName) return refused(new BadInputError(message('names.unchanged')))
    const { name, key } = checked
    const renamed = await confirmed(this.#store.rename(id, { ...wanted, name, key }, told))
    if (!renamed) return refused(new NameTakenError())
    await applied(this.#sessions.applyRename(renamed, formerName))
    return { ok: true, account: renamed, formerName }
  }
}

function refused(error: BadInputError | NameTakenError): Renamed {
  return { ok: false, error }
}
