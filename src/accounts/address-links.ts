import type { Kysely } from '#vendor/kysely'
import { run, type Statements } from '../database/all-or-nothing.ts'
import type { LinkPurpose } from '../database/factors-tables.ts'
import type { Tables } from '../database/tables.ts'
import type { KeyRing } from '../encryption/key-ring.ts'
import { checkAddress } from '../identity/email-address.ts'
import { placeOfLinkAddress } from '../mail/outbox.ts'
import type { AccountState, StoredAccount } from './account.ts'
import { toAccount } from './account-rows.ts'

export interface StoredLink {
  /** See linkTokenHash. */
  readonly hash: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** A link that is mailed. */
export interface MailedLink extends StoredLink {
  readonly url: string
}

export interface Address {
  /** To write to. */
  readonly address: string
  /** To compare with: see checkAddress. */
  readonly key: string
}

export interface FoundAddressLink {
  readonly account: StoredAccount
  readonly address: string
  readonly expiresAt: Date
}

export type AddressLinkPurpose = Extract<LinkPurpose, 'confirm-address' | 'undo-address'>

/** Links that are about an address, in SQL, and the addresses in them, which are sealed. */
export class AddressLinks {
  readonly #db: Kysely<Tables>
  readonly #keys: KeyRing

  constructor(db: Kysely<Tables>, keys: KeyRing) {
    this.#db = db
    this.#keys = keys
  }

  /** @param link.address undefined: it is about none */
  *add(
    { id, version }: AccountState,
    link: StoredLink & { readonly purpose: LinkPurpose; readonly address: string | undefined }
  ): Statements<void> {
    const { hash, purpose, expiresAt: expires_at } = link
    const address =
      link.address === undefined ? null : this.#keys.seal(link.address, placeOfLinkAddress(hash))
    const row = { hash, account_id: id, account_version: version, purpose, address, expires_at }
    yield* run(this.#db.insertInto('link_tokens').values(row))
  }

  /** Deletes those of an account. */
  remove(accountId: string) {
    return this.#db.deleteFrom('link_tokens').where('account_id', '=', accountId)
  }

  /** The address in a row; undefined where there is none, or its key is lost. */
  opened({ hash, address: sealed }: { hash: string; address: string | null }): Address | undefined {
    const address = sealed === null ? undefined : this.#keys.open(sealed, placeOfLinkAddress(hash))
    const checked = address === undefined ? undefined : checkAddress(address)
    return checked?.ok ? checked : undefined
  }

  /**
   * Changes nothing. A link to confirm an address ends with any change of the account, so that whoever had it cannot leave
   * one behind. The way back does not: a thief changes the password too.
   * @param which the hash, or the account if it is one to confirm
   */
  async find(
    purpose: AddressLinkPurpose,
    which: { readonly hash: string } | { readonly accountId: string },
    now: number
  ): Promise<FoundAddressLink | undefined> {
    const all = this.#db
      .selectFrom('link_tokens')
      .innerJoin('accounts', 'accounts.id', 'link_tokens.account_id')
      .selectAll('accounts')
      .select(['hash', 'address', 'expires_at', 'account_version'])
      .where('purpose', '=', purpose)
      .where('disabled_at', 'is', null)
      .where('expires_at', '>', now)
    const row = await ('hash' in which
      ? all.where('hash', '=', which.hash)
      : all.where('account_id', '=', which.accountId)
    ).executeTakeFirst()
    const found = row && this.opened(row)
    if (!found || (purpose === 'confirm-address' && row.account_version !== row.version)) return undefined
    return { account: toAccount(row), address: found.address, expiresAt: new Date(Number(row.expires_at)) }
  }
}
