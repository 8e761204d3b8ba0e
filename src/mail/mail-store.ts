import {
  type ExpressionBuilder,
  type Kysely,
  PostgresAdapter,
  type Selectable,
  sql,
  type UpdateObject
} from '#vendor/kysely'
import type { OutboxTable } from '../database/mail-tables.ts'
import type { Tables } from '../database/tables.ts'
import { clockErrorMilliseconds } from '../primitives/clock.ts'

export type MailRow = Selectable<OutboxTable>

/** How many messages are in which state. */
export interface MailCounts {
  readonly queued: number
  readonly sent: number
  readonly failed: number
  /** When the oldest that waits was posted, in milliseconds since 1970; undefined: none waits. */
  readonly oldest: number | undefined
}

export interface ListOptions {
  readonly state?: 'queued' | 'sent' | 'failed' | undefined
  readonly limit: number
}

/**
 * Messages that were posted, in SQL. Whoever sends one leases it first: until the lease is over nobody else takes it. Each
 * method is one statement. Every method throws StorageError.
 */
export class MailStore {
  readonly #db: Kysely<Tables>
  readonly #isPostgres: boolean

  /** @param db may be one whose writes do not wait for the disk: what is lost is sent twice at worst */
  constructor(db: Kysely<Tables>) {
    this.#db = db
    this.#isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  }

  /** Whether anything is to be sent, or is of no use any more. It only reads, so that looking often costs little. */
  async hasDue(now: number): Promise<boolean> {
    const due = this.#db.selectFrom('outbox').select('id').where(isFree(now)).limit(1)
    return (await due.executeTakeFirst()) !== undefined
  }

  /**
   * Takes the message whose turn it is. Of concurrent calls, on whatever machine, each gets another one.
   * @param leastTried instead of it, the one that was tried the least, of those the last: a message that may be the reason
   * why the server cannot be used keeps no other waiting. It costs a look at each that is due
   */
  async lease(now: number, until: number, leastTried = false): Promise<MailRow | undefined> {
    const waiting = this.#db.selectFrom('outbox').select('id').where(isWaiting)
    // Not by the index of next_at: as a rule nearly all are due, and would be sorted for each that is sent.
    const due = waiting.where(sql<boolean>`next_at + 0 <= ${now}`)
    const free = due.where('leased_until', '<=', now).where('expires_at', '>', now)
    const ordered = leastTried ? free.orderBy('tries').orderBy('turn', 'desc') : free.orderBy('turn')
    const one = ordered.limit(1)
    const next = this.#isPostgres ? one.forUpdate().skipLocked() : one
    return await this.#db
      .updateTable('outbox')
      .set({ leased_until: until, tries: sql<number>`tries + 1` })
      .where('id', 'in', next)
      .returningAll()
      .executeTakeFirst()
  }

  /** The data is not needed any more. */
  async sent({ id }: Leased, now: number): Promise<void> {
    const sent = { sent_at: now, failed_at: null, leased_until: 0, data: null, error: null }
    await this.#db.updateTable('outbox').set(sent).where('id', '=', id).execute()
  }

  /** It was not sent, and is tried again, after what is posted until then. Nothing changes when somebody else has it by now. */
  async deferred(
    lease: Leased & Pick<MailRow, 'turn'>,
    { nextAt, error }: { nextAt: number; error: string }
  ): Promise<void> {
    const turn = Math.max(Number(lease.turn), nextAt)
    await this.#update(lease, { next_at: nextAt, turn, leased_until: 0, error })
  }

  /** It was not sent, and never will be. */
  async failed(lease: Leased, { now, error }: { now: number; error: string }): Promise<void> {
    await this.#update(lease, { failed_at: now, leased_until: 0, error })
  }

  /** Gives it back as if it had not been tried. */
  async released(lease: Leased): Promise<void> {
    await this.#update(lease, { leased_until: 0, tries: sql<number>`tries - 1` })
  }

  /** Ends those that are of no use any more. @returns them */
  async expire(now: number): Promise<readonly MailRow[]> {
    return await this.#db
      .updateTable('outbox')
      .set({
        failed_at: now,
        data: null,
        error: sql<string>`coalesce(error, 'It could not be sent in time.')`
      })
      .where(isFree(now))
      .where('expires_at', '<=', now)
      .returningAll()
      .execute()
  }

  /** @param before in milliseconds since 1970 */
  async deleteDone(before: number): Promise<void> {
    const old = this.#db.deleteFrom('outbox').where('created_at', '<', before)
    await old.where((row) => row.not(isWaiting(row))).execute()
  }

  /**
   * What failed and cannot be tried again, links that are over, former addresses that are told nothing any more, and
   * who asked for mails long ago.
   * @param now in milliseconds since 1970
   */
  async deleteOver(now: number): Promise<void> {
    const before = now - clockErrorMilliseconds
    const failed = this.#db.updateTable('outbox').set({ data: null }).where('failed_at', 'is not', null)
    await failed.where('expires_at', '<', before).where('data', 'is not', null).execute()
    await this.#db.deleteFrom('link_tokens').where('expires_at', '<', before).execute()
    await this.#db.deleteFrom('invitations').where('expires_at', '<', before).execute()
    await this.#db.deleteFrom('former_addresses').where('until', '<', before).execute()
    await this.#db.deleteFrom('reset_mails').where('last_at', '<', before).execute()
    await this.#db.deleteFrom('reset_requests').where('created_at', '<', before).execute()
  }

  /** The newest first. */
  async list({ state, limit }: ListOptions): Promise<readonly MailRow[]> {
    const all = this.#db.selectFrom('outbox').selectAll()
    const some = state === undefined ? all : all.where((row) => states[state](row))
    return await some.orderBy('created_at', 'desc').orderBy('id').limit(limit).execute()
  }

  /** Tries failed ones again, at once, unless they are of no use any more. @returns how many there are */
  async retry(ids: readonly string[] | 'all', now: number): Promise<number> {
    const turn = sql<number>`${now} + turn - created_at`
    const again = this.#db.updateTable('outbox').set({ failed_at: null, next_at: now, turn, tries: 0 })
    const failed = again.where('failed_at', 'is not', null).where('expires_at', '>', now)
    const chosen = ids === 'all' ? failed : failed.where('id', 'in', ids)
    return Number((await chosen.executeTakeFirst()).numUpdatedRows)
  }

  async count(): Promise<MailCounts> {
    const counts = this.#db
      .selectFrom('outbox')
      .select(({ fn }) => [
        fn.countAll<number>().filterWhere('sent_at', 'is not', null).as('sent'),
        fn.countAll<number>().filterWhere('failed_at', 'is not', null).as('failed'),
        fn.countAll<number>().filterWhere(isWaiting).as('queued'),
        fn.min('created_at').filterWhere(isWaiting).as('oldest')
      ])
    const { sent, failed, queued, oldest } = await counts.executeTakeFirstOrThrow()
    return {
      ...{ sent: Number(sent), failed: Number(failed), queued: Number(queued) },
      oldest: oldest === null ? undefined : Number(oldest)
    }
  }

  /** What waits. It reads nothing else, however much was sent. */
  async waiting(): Promise<Pick<MailCounts, 'queued' | 'oldest'>> {
    const all = this.#db.selectFrom('outbox').where(isWaiting)
    const counts = all.select(({ fn }) => [
      fn.countAll<number>().as('queued'),
      fn.min('created_at').as('oldest')
    ])
    const { queued, oldest } = await counts.executeTakeFirstOrThrow()
    return { queued: Number(queued), oldest: oldest === null ? undefined : Number(oldest) }
  }

  /** The last message to an account, if it could not be sent: for its owner. */
  async lastFailureOf(accountId: string): Promise<MailRow | undefined> {
    const own = this.#db.selectFrom('outbox').selectAll().where('account_id', '=', accountId)
    const done = own.where((row) => row.not(isWaiting(row)))
    const last = await done.orderBy('created_at', 'desc').limit(1).executeTakeFirst()
    return last?.failed_at === null ? undefined : last
  }

  async #update({ id, leased_until }: Leased, change: UpdateObject<Tables, 'outbox'>): Promise<void> {
    await this.#db
      .updateTable('outbox')
      .set(change)
      .where('id', '=', id)
      .where('leased_until', '=', leased_until)
      .execute()
  }
}

/** A message as its lease made it. */
type Leased = Pick<MailRow, 'id' | 'leased_until'>

type Row = ExpressionBuilder<Tables, 'outbox'>

function isWaiting(row: Row) {
  return row.and([row('sent_at', 'is', null), row('failed_at', 'is', null)])
}

/** Nobody is sending it, and it is time to. */
function isFree(now: number) {
  return (row: Row) => row.and([isWaiting(row), row('next_at', '<=', now), row('leased_until', '<=', now)])
}

const states = {
  queued: isWaiting,
  sent: (row: Row) => row('sent_at', 'is not', null),
  failed: (row: Row) => row('failed_at', 'is not', null)
}
