import { hash, randomBytes } from 'node:crypto'
import type { Account } from '../accounts/account.ts'
import type { Credentials, NewPasswords } from '../accounts/new-passwords.ts'
import { verifiedAccount } from '../accounts/verification.ts'
import type { Statements } from '../database/all-or-nothing.ts'
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
import { type Circumstances, inMail } from '../mail/notices.ts'
import type { Postbox } from '../mail/outbox.ts'
import { processClock } from '../primitives/clock.ts'
import type { Invitation, InvitationStore } from './invitation-store.ts'

export type { Invitation } from './invitation-store.ts'

/** How long the link of an invitation can be used. */
export const invitationMilliseconds = 72 * 60 * 60 * 1000

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

/** Who wants an account, and from where. */
export interface Registering extends Circumstances {
  /** An address. Nothing comes of what is none. */
  readonly typed: string
  /** A BCP 47 tag: that of the page. */
  readonly language?: string | null | undefined
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
    const token = randomBytes(32).toString('base64url')
    const id = stored(token)
    const createdAt = this.#now()
    const expiresAt = createdAt + invitationMilliseconds
    const owner = await store.insert({
      ...{ hash: id, address, role, language, invitedBy: by?.id, createdAt, expiresAt },
      mail: {
        template: 'invitation',
        to: address.address,
        language,
        expiresAt,
        data: {
          url: linkTo(`/invitation?token=${token}`),
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

  /**
   * Mails a link to an address for which somebody wants an account; or, if there is one, that there is. At most once in 20
   * minutes, and five times a day. Statements of a transaction: it is called long after the answer.
   * @param at when it was asked for, in milliseconds since 1970
   */
  *register({ typed, language, ...from }: Registering, at: number): Statements<void> {
    const { store, linkTo } = this.#options
    const address = checkAddress(typed)
    if (!address.ok) return
    const token = randomBytes(32).toString('base64url')
    const createdAt = this.#now()
    const expiresAt = createdAt + invitationMilliseconds
    const until = new Date(expiresAt).toISOString()
    const asked = language ?? undefined
    const data = inMail(from, at)
    const both = { to: address.address, expiresAt }
    const link = { url: linkTo(`/invitation?token=${token}`), until }
    yield* store.register({
      ...{ hash: stored(token), address, language: asked, createdAt, expiresAt },
      mail: { template: 'registration', ...both, language: asked, data: { ...data, ...link } },
      mailTo: ({ name, language: own }) => ({
        template: 'address-taken',
        ...both,
        language: own ?? asked,
        data: { ...data, name }
      })
    })
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
    return isToken(token) ? this.#options.store.find(stored(token), this.#now()) : undefined
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
    const accepted = await store.accept(stored(token), account, this.#now())
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

/** A dump of the database contains nothing for an address. */
function stored(token: string): string {
  return hash('sha256', token, 'base64url')
}

function isToken(token: string | undefined): token is string {
  return token !== undefined && /^[\w-]{43}$/.test(token)
}
