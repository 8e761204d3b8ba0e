import { type Kysely, type Selectable, SqliteAdapter, sql } from '#vendor/kysely'
import type { NewAccount, StoredAccount } from '../accounts/account.ts'
import { toAccount, toRow } from '../accounts/account-rows.ts'
import { insertUnlessAlike } from '../accounts/new-account-rows.ts'
import { allOrNothing, run, type Statements } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { InvitationKind, InvitationsTable } from '../database/mail-tables.ts'
import type { Tables } from '../database/tables.ts'
import type { KeyRing } from '../encryption/key-ring.ts'
import { checkAddress } from '../identity/email-address.ts'
import type { Role } from '../identity/roles.ts'
import type { NewMail } from '../mail/message.ts'
import type { Postbox } from '../mail/outbox.ts'
import { clockErrorMilliseconds } from '../primitives/clock.ts'
import { accountWith, addressKeysOf, placeOf } from './invitation-rows.ts'

/** Somebody who was invited and has no account yet. */
export interface Invitation {
  /** Names it in lists: SHA-256 of the token. It opens nothing. */
  readonly id: string
  /** Registration: nobody has invited, somebody has asked for an account with the address. */
  readonly kind: InvitationKind
  /** To write to. */
  readonly address: string
  readonly role: Role
  /** The name of an administrator; undefined: the command. */
  readonly invitedBy: string | undefined
  /** A BCP 47 tag. */
  readonly language: string | undefined
  readonly createdAt: Date
  readonly expiresAt: Date
}

export interface NewInvitation extends Pick<Invitation, 'role' | 'language'> {
  readonly hash: string
  /** Checked: see checkAddress. */
  readonly address: { readonly address: string; readonly key: string }
  /** The id of an administrator; undefined: the command. */
  readonly invitedBy: string | undefined
  readonly createdAt: number
  readonly expiresAt: number
  readonly mail: NewMail
}

/** Gone: the link opens nothing (any more). */
export type Accepted = StoredAccount | 'gone' | 'name-taken' | 'address-taken'

type Row = Selectable<InvitationsTable> & { readonly inviter: string | null }

export interface InvitationStoreOptions {
  readonly database: Database
  readonly keys: KeyRing
  readonly postbox: Postbox
  /** Whether somebody may have an account whom nobody has invited: REGISTRATION is open. */
  readonly registrationIsOpen: boolean
}

/** Invitations in SQL. Each method is one statement or one transaction. Every method throws StorageError. */
export class InvitationStore {
  readonly #database: Database
  readonly #db: Kysely<Tables>
  readonly #keys: KeyRing
  readonly #postbox: Postbox
  readonly #kinds: readonly InvitationKind[]

  constructor({ database, keys, postbox, registrationIsOpen }: InvitationStoreOptions) {
    this.#kinds = registrationIsOpen ? ['invitation', 'registration'] : ['invitation']
    this.#database = database
    this.#db = database.sql
    this.#keys = keys
    this.#postbox = postbox
  }

  /**
   * With its mail, in place of one that the address has.
   * @returns the name of the account that has the address, or is called so; then nothing is written
   */
  insert({
    hash,
    address: { address, key },
    invitedBy,
    ...invitation
  }: NewInvitation): Promise<string | undefined> {
    const { role, language = null, createdAt, expiresAt, mail } = invitation
    const [db, postbox] = [this.#db, this.#postbox]
    const addressKeys = addressKeysOf(this.#keys, { key })
    const sealed = this.#keys.seal(address, placeOf(hash))
    return allOrNothing(this.#database, function* () {
      const [owner] = yield* run(accountWith(db, { address, key }))
      if (owner) return owner.name
      const others = db.deleteFrom('invitations').where('kind', '=', 'invitation')
      yield* run(others.where('address_key', 'in', addressKeys))
      yield* run(db.deleteFrom('invitations').where('expires_at', '<', createdAt - clockErrorMilliseconds))
      const place = { hash, kind: 'invitation' as const, address: sealed, address_key: addressKeys[0] ?? '' }
      const times = { created_at: createdAt, expires_at: expiresAt }
      const row = { ...place, role, language, invited_by: invitedBy ?? null, ...times }
      yield* run(db.insertInto('invitations').values(row))
      yield* postbox.post(mail)
      return undefined
    })
  }

  /** Those that still open something, the latest first. */
  async list(now: number, limit: number): Promise<readonly Invitation[]> {
    const invited = this.#open(now).where('kind', '=', 'invitation')
    const rows = await invited.orderBy('invitations.created_at', 'desc').limit(limit).execute()
    return rows.map((row) => this.#toInvitation(row)).filter((invitation) => invitation !== undefined)
  }

  /** Changes nothing. @returns undefined when it opens nothing */
  async find(hash: string, now: number): Promise<Invitation | undefined> {
    const row = await this.#open(now).where('hash', '=', hash).executeTakeFirst()
    return row && this.#toInvitation(row)
  }

  /** @returns false when there is none */
  async remove(hash: string): Promise<boolean> {
    const one = this.#db.deleteFrom('invitations').where('kind', '=', 'invitation').where('hash', '=', hash)
    const { numDeletedRows } = await one.executeTakeFirst()
    return numDeletedRows > 0n
  }

  /**
   * Makes the account, with the role and the address of the invitation, which counts as confirmed, and spends it, with
   * all registrations of the address. Of concurrent calls one succeeds. A name that is taken spends nothing.
   */
  accept(hash: string, account: NewAccount, now: number): Promise<Accepted> {
    const store = this
    const db = this.#db
    return allOrNothing(this.#database, function* (): Statements<Accepted> {
      const one = store.#open(now).where('hash', '=', hash)
      const isAlone = db.getExecutor().adapter instanceof SqliteAdapter
      const [row] = yield* run(isAlone ? one : one.forUpdate('invitations'))
      const invitation = row && store.#toInvitation(row)
      const address = invitation && checkAddress(invitation.address)
      if (!invitation || !address?.ok) return 'gone'
      const [owner] = yield* run(accountWith(db, address))
      if (owner) return 'address-taken'
      const { role, language = null } = invitation
      const email = { email: address.address, email_key: address.key, email_at: now, language }
      const values = { ...toRow({ ...account, role }, now), ...email }
      const [inserted] = yield* run(insertUnlessAlike(db, values))
      if (!inserted) return (yield* run(accountWith(db, address)))[0] ? 'address-taken' : 'name-taken'
      yield* run(db.deleteFrom('invitations').where('hash', '=', hash))
      const others = db.deleteFrom('invitations').where('kind', '=', 'registration')
      yield* run(others.where('address_key', 'in', addressKeysOf(store.#keys, address)))
      return toAccount(inserted)
    })
  }

  /** One ends when whoever made it is no administrator any more: otherwise they could make themselves one again. */
  #open(now: number) {
    return this.#db
      .selectFrom('invitations')
      .leftJoin('accounts', 'accounts.id', 'invitations.invited_by')
      .selectAll('invitations')
      .select('accounts.name as inviter')
      .where('kind', 'in', this.#kinds)
      .where('expires_at', '>', now)
      .where(sql<boolean>`(invited_by IS NULL OR (accounts.role = 'admin' AND accounts.disabled_at IS NULL))`)
  }

  /** @returns undefined when the key of its address is lost */
  #toInvitation({ hash, kind, address: sealed, role, inviter, language, created_at, expires_at }: Row) {
    const address = this.#keys.open(sealed, placeOf(hash))
    if (address === undefined) return undefined
    const invitedBy = inviter ?? undefined
    const times = { createdAt: new Date(Number(created_at)), expiresAt: new Date(Number(expires_at)) }
    return { id: hash, kind, address, role, invitedBy, language: language ?? undefined, ...times }
  }
}
