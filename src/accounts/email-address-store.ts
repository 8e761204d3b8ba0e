import { type Kysely, type Selectable, sql } from '#vendor/kysely'
import { allOrNothing, run, type Statements } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { AccountsTable, Tables } from '../database/tables.ts'
import type { KeyRing } from '../encryption/key-ring.ts'
import { StorageError } from '../errors/errors.ts'
import { addressKey } from '../identity/email-address.ts'
import { nameKey } from '../identity/names.ts'
import type { NewMail } from '../mail/message.ts'
import { type Circumstances, inMail } from '../mail/notices.ts'
import { type Postbox, placeOfFormerAddress } from '../mail/outbox.ts'
import { newId } from '../primitives/new-id.ts'
import type { AccountState, StoredAccount } from './account.ts'
import { toAccount } from './account-rows.ts'
import { type Address, AddressLinks, type MailedLink, type StoredLink } from './address-links.ts'
import { lockedAccount } from './locked-account.ts'

/** For the mail about it: who does it, and its language if the account's is not known. */
export interface DoneFrom extends Circumstances, Pick<NewMail, 'language'> {}

/** Taken: another account has the address, or is called so. Is name: the account is called as the address that would go. */
export type AddressSet =
  | { readonly ok: true; readonly account: StoredAccount; readonly former: string | undefined }
  | { readonly ok: false; readonly reason: 'taken' | 'is-name' }

/** A change of the account's own, and the way back from it. */
interface OwnChange {
  readonly undo: MailedLink
  readonly from: DoneFrom
  readonly now: number
}

type Change = Omit<OwnChange, 'undo'> & {
  readonly undo?: MailedLink | undefined
  readonly to: Address | undefined
}

/** After that nobody needs to learn of a change. */
const noticeLifetimeMilliseconds = 7 * 24 * 60 * 60 * 1000

/**
 * Addresses of accounts in SQL. Each method is one transaction, with the mail about it. Every method throws StorageError.
 */
export class EmailAddressStore {
  readonly #database: Database
  readonly #db: Kysely<Tables>
  readonly #keys: KeyRing
  readonly #postbox: Postbox
  readonly links: AddressLinks

  constructor({ database, keys, postbox }: { database: Database; keys: KeyRing; postbox: Postbox }) {
    this.#database = database
    this.#db = database.sql
    this.#keys = keys
    this.#postbox = postbox
    this.links = new AddressLinks(database.sql, keys)
  }

  /**
   * Mails a link to a new address, in place of the one that the account waited for. If another account has it, only the mail
   * is another.
   * @returns false when the account is gone, disabled, or has changed since
   */
  ask(
    state: AccountState,
    asked: Address & { link: MailedLink; from: DoneFrom; now: number }
  ): Promise<boolean> {
    const { address, link, from, now } = asked
    const { expiresAt } = link
    return this.#transact(function* (store) {
      const account = yield* lockedAccount(store.#db, state)
      if (!account) return false
      const { id, language = from.language } = account
      const owner = yield* store.#otherOf(id, asked)
      yield* run(store.links.remove(id).where('purpose', '=', 'confirm-address'))
      yield* store.links.add(account, { ...link, purpose: 'confirm-address', address })
      const data = owner ? { name: owner.name } : { url: link.url, until: iso(expiresAt) }
      const mail = owner
        ? ({ template: 'address-taken', language: owner.language ?? from.language } as const)
        : ({ template: 'confirm-address', language } as const)
      // Also a mail to somebody else is of the account that asks: it is told if either fails.
      const common = { account: id, to: address, expiresAt, causedFrom: from.address ?? '' }
      yield* store.#postbox.post({ ...mail, ...common, data: { ...inMail(from, now), ...data } })
      return true
    })
  }

  /**
   * Spends a link of the account and sets its address. The former one is told, with a link back.
   * @returns undefined when it opens nothing
   */
  confirm(hash: string, accountId: string, change: OwnChange): Promise<AddressSet | undefined> {
    const confirming = this.#transact(function* (store) {
      const own = store.links.remove(accountId).where('purpose', '=', 'confirm-address')
      const spending = own.where('hash', '=', hash).where('expires_at', '>', change.now)
      const [link] = yield* run(spending.returning(['hash', 'account_version', 'address']))
      const to = link && store.links.opened(link)
      if (!to) return undefined
      const before = yield* lockedAccount(store.#db, { id: accountId, version: link.account_version })
      return before && (yield* store.#change(before, { ...change, to }))
    })
    return confirming.catch(orTaken)
  }

  /** Removes the address. It is told, with a link back. @returns undefined when there is none, or the account has changed */
  remove(state: AccountState, change: OwnChange): Promise<AddressSet | undefined> {
    return this.#transact(function* (store) {
      const before = yield* lockedAccount(store.#db, state)
      if (before?.email === undefined) return undefined
      return yield* store.#change(before, { ...change, to: undefined })
    })
  }

  /**
   * For whoever runs the service: the address counts as confirmed. What was asked for before is over, and so is the way
   * back to an earlier one.
   * @param change.to undefined: it has none from then on
   * @returns undefined when there is no such account
   */
  set(id: string, change: Omit<Change, 'undo'>): Promise<AddressSet | undefined> {
    const setting = this.#transact(function* (store) {
      const before = yield* lockedAccount(store.#db, { id })
      const changed = before && (yield* store.#change(before, change))
      if (!changed?.ok) return changed
      yield* run(store.links.remove(id).where('purpose', 'in', ['confirm-address', 'undo-address']))
      yield* run(store.#db.deleteFrom('former_addresses').where('account_id', '=', id))
      return changed
    })
    return setting.catch(orTaken)
  }

  /**
   * Sets the address back, whatever the account is by now, unless it is disabled. All that came after it is over: sign-ins,
   * other links, the way to a later address. A link for a new password takes their place.
   * @returns undefined when it opens nothing. Without an address: another account has it by now
   */
  undo(
    hash: string,
    { reset, from, now }: { reset: StoredLink; from: DoneFrom; now: number }
  ): Promise<StoredAccount | undefined> {
    return this.#transact(function* (store) {
      const those = store.#db.selectFrom('link_tokens').selectAll().where('purpose', '=', 'undo-address')
      const [link] = yield* run(those.where('hash', '=', hash).where('expires_at', '>', now))
      const to = link && store.links.opened(link)
      const before = to && (yield* lockedAccount(store.#db, { id: link.account_id }))
      if (!before || before.disabledAt) return undefined
      const { id, email } = before
      const since = Number(link.expires_at)
      const later = store.links.remove(id).where(({ or, eb }) =>
        // An earlier one is of whoever had the account before.
        or([eb('purpose', '<>', 'undo-address'), eb('expires_at', '>=', since)])
      )
      // A concurrent call may have made the link that is among them.
      const [spent] = yield* run(store.links.remove(id).where('hash', '=', hash).returning('hash'))
      if (!spent) return undefined
      yield* run(later)
      const former = store.#db.deleteFrom('former_addresses').where('account_id', '=', id)
      yield* run(former.where('until', '>=', since))
      const isTaken = (yield* store.#otherOf(id, to)) !== undefined
      const ended = { version: sql<number>`version + 1`, kept_session: null }
      const account = yield* store.#update(id, { ...columnsOf(isTaken ? undefined : to, now), ...ended })
      if (!account) return undefined
      yield* store.links.add(account, { ...reset, purpose: 'password', address: undefined })
      if (email !== undefined && email !== to.address) yield* store.#tell(before, email, { from, now })
      return account
    })
  }

  *#change(before: StoredAccount, { to, undo, ...change }: Change): Statements<AddressSet> {
    const { id, name, email } = before
    const goes = email !== undefined && addressKey(email) !== to?.key
    if (goes && this.#postbox.isOn && nameKey(name) === nameKey(email))
      return { ok: false, reason: 'is-name' }
    if (to && (yield* this.#otherOf(id, to))) return { ok: false, reason: 'taken' }
    const account = yield* this.#update(id, columnsOf(to, change.now))
    if (goes) {
      // What was mailed to the former one opens nothing any more: perhaps that mailbox is why it changes.
      yield* run(this.links.remove(id).where('purpose', '=', 'reset'))
      yield* this.#tell(before, email, { ...change, undo })
    }
    return { ok: true, account: account ?? before, former: email }
  }

  *#update(
    id: string,
    columns: ReturnType<typeof columnsOf> & object
  ): Statements<StoredAccount | undefined> {
    const changing = this.#db.updateTable('accounts').set(columns).where('id', '=', id)
    const [row] = yield* run(changing.returningAll())
    return row && toAccount(row)
  }

  /** With a way back it is told what else happens, as long as the way is open. */
  *#tell(
    account: StoredAccount,
    to: string,
    { undo, from, now }: Pick<Change, 'undo' | 'from' | 'now'>
  ): Statements<void> {
    const { isOn } = this.#postbox
    if (!isOn) return
    const { id, name, language = from.language } = account
    if (undo) {
      const row = newId()
      const address = this.#keys.seal(to, placeOfFormerAddress(row))
      const former = { id: row, account_id: id, address, until: undo.expiresAt }
      yield* run(this.#db.insertInto('former_addresses').values(former))
      yield* this.links.add(account, { ...undo, purpose: 'undo-address', address: to })
    }
    const back = undo && { url: undo.url, until: iso(undo.expiresAt) }
    const expiresAt = undo?.expiresAt ?? now + noticeLifetimeMilliseconds
    const data = { ...inMail(from, now), name, ...back }
    yield* this.#postbox.post({ template: 'address-changed', account: id, to, data, expiresAt, language })
  }

  /** Another account that has the address, or is called so. */
  *#otherOf(
    id: string,
    { address, key }: Address
  ): Statements<Pick<Selectable<AccountsTable>, 'name' | 'language'> | undefined> {
    const others = this.#db.selectFrom('accounts').select(['name', 'language']).where('id', '<>', id)
    const those = others.where(({ or, eb }) =>
      or([eb('email_key', '=', key), eb('key', '=', nameKey(address))])
    )
    return (yield* run(those))[0]
  }

  #transact<T>(statements: (store: this) => Statements<T>): Promise<T> {
    return allOrNothing(this.#database, () => statements(this))
  }
}

function columnsOf(to: Address | undefined, now: number) {
  return { email: to?.address ?? null, email_key: to?.key ?? null, email_at: to ? now : null }
}

/** Another account got the address in the same moment. */
function orTaken(error: unknown): AddressSet {
  if (error instanceof StorageError && Reflect.get(Object(error.cause), 'code') === '23505')
    return { ok: false, reason: 'taken' }
  throw error
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
