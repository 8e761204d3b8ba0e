import type { Account } from '../accounts/account.ts'
import type { Credentials, NewPasswords } from '../accounts/new-passwords.ts'
import { verifiedAccount } from '../accounts/verification.ts'
import {
  BadInputError,
  HasAccountError,
  type LatchkeyError,
  LinkInvalidError,
  MailOffError,
  NameTakenError
} from '../errors/errors.ts'
import { message } from '../i18n/texts.ts'
import { checkAddress, isNameOfAddress } from '../identity/email-address.ts'
import { checkName } from '../identity/names.ts'
import type { Owner } from '../identity/owner-key.ts'
import type { Role } from '../identity/roles.ts'
import type { Postbox } from '../mail/outbox.ts'
import { processClock } from '../primitives/clock.ts'
import { hashOf, isToken, newInvitationLink, pathOf } from './invitation-link.ts'
import type { Invitation, InvitationStore } from './invitation-store.ts'

export { invitationMilliseconds } from './invitation-link.ts'
export type { Invitation } from './invitation-store.ts'

/** So many are listed at most, the latest. */
export const maxListed = 1000

export interface InvitationsOptions {
  readonly store: InvitationStore
  readonly postbox: Postbox
  readonly newPasswords: NewPasswords
  /** The address of a page. @param path from the root, as in a view */
  readonly linkTo: (path: string) => string
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

export interface Invited {
  /** An e-mail address, as typed. */
  readonly address: string
  readonly role?: Role | undefined
  /** The administrator; undefined: the command. */
  readonly by?: Owner | undefined
  /** Of the mail and of the account: a BCP 47 tag. By default that of the installation. */
  readonly language?: string | undefined
}

/** The field: of the form. Undefined: the link. */
export type InvitationUsed =
  | { readonly ok: true; readonly account: Account; readonly kind: Invitation['kind'] }
  | {
      readonly ok: false
      readonly field: 'username' | 'password' | undefined
      readonly error: LatchkeyError
    }

/**
 * Invitations: an administrator names an address, and whoever reads mail there chooses a name and a password, whatever
 * REGISTRATION says. So the address is confirmed by it, and no administrator ever knows a password (ASVS 6.4.1, 6.4.6). The link
 * works once, for 72 hours, and only while whoever has invited is an administrator. Every method throws StorageError.
 */
export class Invitations {
  readonly #options: InvitationsOptions
  readonly #now: () => number

  constructor(options: InvitationsOptions) {
    this.#options = options
    this.#now = options.now ?? processClock
  }

  /**
   * Mails a link, in place of an earlier one to the address.
   * @throws {MailOffError} nobody but whoever reads mail there must have the link
   * @throws {BadInputError} when it is no address
   * @throws {HasAccountError} when an account has it
   */
  async invite({ address: typed, role = 'user', by, language }: Invited): Promise<Invitation> {
    const { store, postbox, linkTo } = this.#options
    if (!postbox.isOn) throw new MailOffError()
    const address = checkAddress(typed)
    if (!address.ok) throw new BadInputError(address.reason)
    const { token, hash: id, ...period } = newInvitationLink(this.#now())
    const { createdAt, expiresAt } = period
    const owner = await store.insert({
      ...{ hash: id, address, role, language, invitedBy: by?.id, ...period },
      mail: {
        template: 'invitation',
        to: address.address,
        language,
        expiresAt,
        data: {
          url: linkTo(pathOf(token)),
          until: new Date(expiresAt).toISOString(),
          administrator: by?.name
        }
      }
    })
    if (owner !== undefined) throw new HasAccountError(address.address, owner)
    const times = { createdAt: new Date(createdAt), expiresAt: new Date(expiresAt) }
    const made = { id, kind: 'invitation', address: address.address } as const
    return { ...made, role, invitedBy: by?.name, language, ...times }
  }

  /** Those that can be used, the latest first: up to 1000. */
  list(): Promise<readonly Invitation[]> {
    return this.#options.store.list(this.#now(), maxListed)
  }

  /** Its link opens nothing from then on. @param id as listed @returns false when there is none */
  withdraw(id: string): Promise<boolean> {
    return this.#options.store.remove(id)
  }

  /** Changes nothing. @returns undefined when the token opens nothing (any more) */
  async find(token: string | undefined): Promise<Invitation | undefined> {
    return isToken(token) ? this.#options.store.find(hashOf(token), this.#now()) : undefined
  }

  /**
   * Makes the account. Nobody is signed in by it.
   * @param address the client's, for a fair queue
   */
  async accept(
    token: string | undefined,
    credentials: Credentials,
    address?: string
  ): Promise<InvitationUsed> {
    const { store, newPasswords } = this.#options
    const invitation = await this.find(token)
    if (!invitation || token === undefined) return gone()
    const name = checkName(credentials.username)
    if (!name.ok) return refused('username', new BadInputError(name.reason))
    if (name.name.includes('@') && !isNameOfAddress(name.key, invitation.address))
      return refused('username', new BadInputError(message('names.notYourAddress')))
    const hashed = await newPasswords.hash(credentials, address)
    if (!hashed.ok) return refused('password', new BadInputError(hashed.reason))
    const account = { name: name.name, key: name.key, passwordHash: hashed.hash }
    const accepted = await store.accept(hashOf(token), account, this.#now())
    if (accepted === 'gone' || accepted === 'address-taken') return gone()
    if (accepted === 'name-taken') return refused('username', new NameTakenError())
    return { ok: true, account: verifiedAccount(accepted), kind: invitation.kind }
  }
}

function refused(field: 'username' | 'password', error: LatchkeyError): InvitationUsed {
  return { ok: false, field, error }
}

function gone(): InvitationUsed {
  return { ok: false, field: undefined, error: new LinkInvalidError() }
}
