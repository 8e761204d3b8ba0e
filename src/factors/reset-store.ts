import { type Kysely, SqliteAdapter, sql } from '#vendor/kysely'
import type { StoredAccount } from '../accounts/account.ts'
import { toAccount } from '../accounts/account-rows.ts'
import { lockedAccount } from '../accounts/locked-account.ts'
import { allOrNothing, run, type Statements } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { ResetRequestsTable } from '../database/mail-tables.ts'
import type { Tables } from '../database/tables.ts'
import { addressKey } from '../identity/email-address.ts'
import { nameKey } from '../identity/names.ts'
import { insertLink, type NewLink } from './link-store.ts'
import { type AskedFrom, countResetMail } from './reset-mails.ts'

/**
 * So many requests wait to be looked up at most, of everybody and of one network (see widerNetworkOf): a worker needs
 * milliseconds for each.
 */
const maxWaiting = 10_000
const maxWaitingOfNetwork = 100

/** How long a process may take to look one up: after that another does. */
export const leaseMilliseconds = 60_000

export type NewRequest = Pick<ResetRequestsTable, 'id' | 'typed' | 'network' | 'language' | 'created_at'>

/** A request that this process has taken. */
export type TakenRequest = Omit<ResetRequestsTable, 'leased_until'> & { readonly leased_until: number }

export interface NewReset {
  readonly link: NewLink
  /** A link that opens until then is in the mailbox: then there is no need for another. */
  readonly unlessOpenUntil: number
  readonly from: AskedFrom
  /** Posts the mail, in the same transaction. */
  readonly post: (account: StoredAccount, address: string) => Statements<unknown>
}

/** Requests for reset links in SQL. Every method throws StorageError. */
export class ResetStore {
  readonly #database: Database
  readonly #db: Kysely<Tables>

  constructor(database: Database) {
    this.#database = database
    this.#db = database.sql
  }

  /** @returns false when too many wait */
  async insert(request: NewRequest): Promise<boolean> {
    const { id, typed, network, language, created_at } = request
    const all = this.#db.selectFrom('reset_requests').select(({ fn }) => fn.countAll<number>().as('count'))
    const waiting = sql<boolean>`${all} < ${sql.lit(maxWaiting)}`
    const ofNetwork = sql<boolean>`${all.where('network', '=', network)} < ${sql.lit(maxWaitingOfNetwork)}`
    const row = sql<{ id: string }>`
      INSERT INTO reset_requests (id, typed, network, language, created_at)
      SELECT ${id}, ${typed}, ${network}, ${language}, CAST(${created_at} AS BIGINT)
      WHERE ${waiting} AND ${ofNetwork} RETURNING id`
    const { rows } = await row.execute(this.#db)
    return rows.length > 0
  }

  /** Takes the oldest that nobody is looking up. Of concurrent calls each takes another. @param now milliseconds since 1970 */
  async take(now: number): Promise<TakenRequest | undefined> {
    const free = this.#db.selectFrom('reset_requests').select('id').where('leased_until', '<=', now)
    const oldest = free.orderBy('created_at').orderBy('id').limit(1)
    const isAlone = this.#db.getExecutor().adapter instanceof SqliteAdapter
    return this.#db
      .updateTable('reset_requests')
      .set({ leased_until: now + leaseMilliseconds })
      .where('id', '=', isAlone ? oldest : oldest.forUpdate().skipLocked())
      .returningAll()
      .executeTakeFirst()
  }

  /** Ends a request of which nothing comes. */
  async drop({ id, leased_until }: TakenRequest): Promise<void> {
    const taken = this.#db.deleteFrom('reset_requests').where('id', '=', id)
    await taken.where('leased_until', '=', leased_until).execute()
  }

  /** Ends a request, with what comes of it in the same transaction. */
  async end({ id, leased_until }: TakenRequest, then: () => Statements<void>): Promise<void> {
    const ending = this.#db.deleteFrom('reset_requests').where('id', '=', id)
    await allOrNothing(this.#database, function* () {
      const [taken] = yield* run(ending.where('leased_until', '=', leased_until).returning('id'))
      if (taken) yield* then()
    })
  }

  /**
   * Ends a request; and makes a link and posts it, if somebody who can sign in has that name or confirmed address,
   * and no link of a mail is fresh, and the network has not asked too often. All of it, or nothing: then the request
   * is taken again when the lease is over.
   * @returns whose it is
   */
  answer(
    { id, leased_until }: TakenRequest,
    typed: string,
    { link, unlessOpenUntil, from, post }: NewReset
  ): Promise<StoredAccount | undefined> {
    const db = this.#db
    return allOrNothing(this.#database, function* () {
      const ending = db.deleteFrom('reset_requests').where('id', '=', id)
      const [taken] = yield* run(ending.where('leased_until', '=', leased_until).returning('id'))
      const found = taken && (yield* findAccount(db, typed))
      const account = found && (yield* lockedAccount(db, found))
      if (account?.email === undefined) return undefined
      const own = db.selectFrom('link_tokens').select('hash').where('account_id', '=', account.id)
      const mailed = own.where('purpose', '=', 'reset').where('account_version', '=', account.version)
      const [fresh] = yield* run(mailed.where('expires_at', '>', unlessOpenUntil).limit(1))
      if (fresh || !(yield* countResetMail(db, account.id, from))) return undefined
      yield* insertLink(db, account, link)
      yield* post(account, account.email)
      return account
    })
  }
}

/** By name, or by confirmed address. */
function* findAccount(db: Kysely<Tables>, typed: string): Statements<StoredAccount | undefined> {
  const all = db.selectFrom('accounts').selectAll()
  const [named] = yield* run(all.where('key', '=', nameKey(typed)))
  if (named) return toAccount(named)
  const key = addressKey(typed)
  if (key === undefined) return undefined
  const [addressed] = yield* run(all.where('email_key', '=', key))
  return addressed && toAccount(addressed)
}
