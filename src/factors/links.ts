import { hash, randomBytes } from 'node:crypto'
import type { StoredAccount } from '../accounts/account.ts'
import { applied, confirmed } from '../accounts/changes.ts'
import type { NewPasswords } from '../accounts/new-passwords.ts'
import type { RevocableSessions } from '../accounts/revocable-sessions.ts'
import type { PasswordLinkPurpose } from '../database/factors-tables.ts'
import type { Message } from '../i18n/texts.ts'
import type { Circumstances } from '../mail/notices.ts'
import { processClock } from '../primitives/clock.ts'
import type { DropOptions } from './factor-changes.ts'
import type { FoundLink, LinkStore } from './link-store.ts'

/** How long a link of the command can be used. */
export const linkLifetimeMilliseconds = 60 * 60 * 1000

export interface LinksOptions {
  readonly store: LinkStore
  readonly newPasswords: NewPasswords
  readonly sessions: RevocableSessions
  /** Whether SECOND_FACTOR asks administrators for a second factor. */
  readonly keepsLast: boolean
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

export interface MadeLink {
  /** For the address of the page: 256 random bits. Only its hash is stored. */
  readonly token: string
  readonly expiresAt: Date
}

export type LinkUsed =
  | ({ readonly ok: true; readonly sessionsEnded: number } & FoundLink)
  /** The password was refused: the link can still be used. */
  | { readonly ok: false; readonly reason: Message }

/** Who chooses a password. */
export interface NewPasswordByLink {
  readonly password: string
  /** From where: for a fair queue, and for the notice. */
  readonly circumstances?: Circumstances | undefined
}

/**
 * Links by which people choose a new password without the old one: once, within an hour, and until the account changes.
 * Those from a mail are made by ResetRequests, and used here too. Nobody is signed in by one, and second factors stay, unless
 * the link was made to remove them too. Every method throws
 * StorageError if the database fails, and `use` {ChangeUnknownError} as Accounts does.
 */
export class Links {
  readonly #store: LinkStore
  readonly #newPasswords: NewPasswords
  readonly #sessions: RevocableSessions
  readonly #keepsLast: boolean
  readonly #now: () => number

  constructor({ store, newPasswords, sessions, keepsLast, now = processClock }: LinksOptions) {
    this.#store = store
    this.#newPasswords = newPasswords
    this.#sessions = sessions
    this.#keepsLast = keepsLast
    this.#now = now
  }

  /** A new one, which ends the others of the account. @returns undefined when the account is disabled or changes just now */
  async make(
    account: StoredAccount,
    purpose: PasswordLinkPurpose = 'password',
    options?: DropOptions
  ): Promise<MadeLink | undefined> {
    const token = randomBytes(32).toString('base64url')
    const expiresAt = this.#now() + linkLifetimeMilliseconds
    const isMade = await this.#store.insert(account, { hash: stored(token), purpose, expiresAt }, options)
    return isMade ? { token, expiresAt: new Date(expiresAt) } : undefined
  }

  /** Whose it is. It can still be used afterwards. @returns undefined when it opens nothing (any more) */
  async find(token: string | undefined): Promise<FoundLink | undefined> {
    return isToken(token) ? this.#store.find(stored(token), this.#now()) : undefined
  }

  /**
   * Sets the password, ends all sessions and other links of the account, and tells its owner.
   * @returns undefined when it opens nothing (any more)
   * @throws {LastSecondFactorError} as LinkStore does
   */
  async use(
    token: string | undefined,
    { password, circumstances }: NewPasswordByLink
  ): Promise<LinkUsed | undefined> {
    const found = await this.find(token)
    if (!found || token === undefined) return undefined
    const hashed = await this.#newPasswords.hash(
      { username: found.account.name, password },
      circumstances?.address
    )
    if (!hashed.ok) return hashed
    const used = await confirmed(
      this.#store.use(stored(token), {
        passwordHash: hashed.hash,
        now: this.#now(),
        keepsLast: this.#keepsLast,
        circumstances
      })
    )
    if (!used) return undefined
    const sessionsEnded = await applied(this.#sessions.applyChange(used.account, used.account.version))
    return { ok: true, sessionsEnded, ...used }
  }
}

/** A dump of the database contains nothing for an address. */
function stored(token: string): string {
  return hash('sha256', token, 'base64url')
}

function isToken(token: string | undefined): token is string {
  return token !== undefined && /^[\w-]{43}$/.test(token)
}
