import { AddressTakenError, BadInputError, type LatchkeyError, SignInUndoneError } from '../errors/errors.ts'
import { message } from '../i18n/texts.ts'
import { addressKey, checkAddress } from '../identity/email-address.ts'
import { linkTokenHash, newLinkToken } from '../identity/link-token.ts'
import { nameKey } from '../identity/names.ts'
import { processClock } from '../primitives/clock.ts'
import type { AccountState, StoredAccount } from './account.ts'
import type { FoundAddressLink, MailedLink } from './address-links.ts'
import { applied, confirmed } from './changes.ts'
import type { AddressSet, DoneFrom, EmailAddressStore } from './email-address-store.ts'
import type { RevocableSessions } from './revocable-sessions.ts'

/** How long a new address can be confirmed: NIST SP 800-63B-4 §4.2.1.2 has 24 hours for what is mailed. */
export const confirmationLifetimeMilliseconds = 24 * 60 * 60 * 1000
/** How long a change can be taken back, and the former address is told what happens. */
export const undoLifetimeMilliseconds = 7 * 24 * 60 * 60 * 1000
/** Of the link for a new password after that. */
const resetLifetimeMilliseconds = 30 * 60 * 1000

export interface EmailAddressesOptions {
  readonly store: EmailAddressStore
  readonly sessions: Pick<RevocableSessions, 'applyChange' | 'applyEndings'>
  /** Whether mail is sent. */
  readonly isOn: boolean
  /** The address of a page, from PUBLIC_URL alone. @param path such as `/account/email/confirm?token=…` */
  readonly urlOf: (path: string) => string
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

export type AddressAsked =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly error: BadInputError }

export type AddressChanged =
  | Extract<AddressSet, { ok: true }>
  | { readonly ok: false; readonly error: LatchkeyError }

export interface AddressUndone {
  /** As it is now: without an address if another account has that one. */
  readonly account: StoredAccount
  /** Of a link for a new password. */
  readonly resetToken: string
  readonly sessionsEnded: number
}

/**
 * The e-mail address of an account: at most one, and only once it was confirmed. Who asks for one that another account has
 * gets the same answer; the mail says it. Every method throws StorageError, and those that change an account
 * {ChangeUnknownError} when it may have been done.
 */
export class EmailAddresses {
  readonly #options: EmailAddressesOptions
  readonly #store: EmailAddressStore
  readonly #now: () => number

  constructor(options: EmailAddressesOptions) {
    this.#options = options
    this.#store = options.store
    this.#now = options.now ?? processClock
  }

  /** Whether a link can be mailed. */
  get isPossible(): boolean {
    return this.#options.isOn
  }

  /** What an address that somebody has typed comes to for this account. */
  check(account: StoredAccount, typed: string): AddressAsked {
    const checked = checkAddress(typed)
    if (!checked.ok) return refused(checked.reason)
    const { email } = account
    if (email === checked.address) return refused(message('email.unchanged'))
    const keeps = email === undefined || addressKey(email) === checked.key
    if (!keeps && nameKey(account.name) === nameKey(email)) return refused(message('email.isName'))
    return { ok: true, address: checked.address }
  }

  /**
   * Mails a link to an address that was checked. Nothing is on the account until it is confirmed.
   * @throws {SignInUndoneError} when the account has changed since it was read
   */
  async ask(account: AccountState, address: string, from: DoneFrom): Promise<void> {
    const checked = checkAddress(address)
    if (!checked.ok) throw new BadInputError(checked.reason)
    const link = this.#newLink('/account/email/confirm', confirmationLifetimeMilliseconds)
    if (!(await this.#store.ask(account, { ...checked, link, from, now: this.#now() })))
      throw new SignInUndoneError()
  }

  /** The address that an account waits for. */
  waiting(accountId: string): Promise<FoundAddressLink | undefined> {
    return this.#store.links.find('confirm-address', { accountId }, this.#now())
  }

  /** What a link would confirm. @returns undefined when it opens nothing (any more) */
  findConfirmation(token: string | undefined): Promise<FoundAddressLink | undefined> {
    return this.#find('confirm-address', token)
  }

  /** What a link would set back. @returns undefined when it opens nothing (any more) */
  findUndo(token: string | undefined): Promise<FoundAddressLink | undefined> {
    return this.#find('undo-address', token)
  }

  /** @param accountId who follows the link. @returns undefined when it opens nothing, or is another account's */
  async confirm(
    token: string | undefined,
    accountId: string,
    from: DoneFrom
  ): Promise<AddressChanged | undefined> {
    const hash = linkTokenHash(token)
    if (hash === undefined) return undefined
    const change = { undo: this.#newUndo(), from, now: this.#now() }
    return this.#changed(await confirmed(this.#store.confirm(hash, accountId, change)))
  }

  /** @returns undefined when the account has none, or has changed since it was read */
  async remove(account: StoredAccount, from: DoneFrom): Promise<AddressChanged | undefined> {
    const change = { undo: this.#newUndo(), from, now: this.#now() }
    return this.#changed(await confirmed(this.#store.remove(account, change)))
  }

  /**
   * For whoever runs the service, who may say that an address is confirmed.
   * @param typed undefined: none
   * @returns undefined when there is no such account
   */
  async set(
    accountId: string,
    typed: string | undefined,
    from: DoneFrom
  ): Promise<AddressChanged | undefined> {
    const to = typed === undefined ? undefined : checkAddress(typed)
    if (to && !to.ok) return refused(to.reason)
    return this.#changed(await confirmed(this.#store.set(accountId, { to, from, now: this.#now() })))
  }

  /** Sets the address back and ends all sessions. @returns undefined when the link opens nothing (any more) */
  async undo(token: string | undefined, from: DoneFrom): Promise<AddressUndone | undefined> {
    const hash = linkTokenHash(token)
    if (hash === undefined) return undefined
    const resetToken = newLinkToken()
    const now = this.#now()
    const reset = { hash: linkTokenHash(resetToken) ?? '', expiresAt: now + resetLifetimeMilliseconds }
    const account = await confirmed(this.#store.undo(hash, { reset, from, now }))
    if (!account) return undefined
    const { sessions } = this.#options
    const sessionsEnded = await applied(sessions.applyChange(account, account.version))
    return { account, resetToken, sessionsEnded }
  }

  /** When it resolves, every process knows the address. */
  async #changed(set: AddressSet | undefined): Promise<AddressChanged | undefined> {
    if (!set?.ok) return set && refusedFor(set.reason)
    await applied(this.#options.sessions.applyEndings())
    return set
  }

  async #find(purpose: 'confirm-address' | 'undo-address', token: string | undefined) {
    const hash = linkTokenHash(token)
    return hash === undefined ? undefined : this.#store.links.find(purpose, { hash }, this.#now())
  }

  #newUndo(): MailedLink {
    return this.#newLink('/account/email/undo', undoLifetimeMilliseconds)
  }

  #newLink(page: string, lifetimeMilliseconds: number): MailedLink {
    const token = newLinkToken()
    const url = this.#options.urlOf(`${page}?token=${token}`)
    return { hash: linkTokenHash(token) ?? '', expiresAt: this.#now() + lifetimeMilliseconds, url }
  }
}

function refused(reason: ConstructorParameters<typeof BadInputError>[0]) {
  return { ok: false, error: new BadInputError(reason) } as const
}

function refusedFor(reason: 'taken' | 'is-name') {
  return reason === 'taken'
    ? ({ ok: false, error: new AddressTakenError() } as const)
    : refused(message('email.isName'))
}
