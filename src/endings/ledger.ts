import { type Insertable, type Kysely, type Selectable, sql } from '#vendor/kysely'
import { isSince, nowOf } from '../database/ledger-clock.ts'
import type { EndingsTable, Tables } from '../database/tables.ts'
import { clockErrorMilliseconds } from '../primitives/clock.ts'
import type { HeldEnding, LoggedEnding, NewEnding } from './ending.ts'
import { groupedByTurn } from './grouped-by-turn.ts'
import { type Claim, isOfName, judgeAll, type Verdict } from './judge.ts'

/** A row, by which it is known again; n is 0 before the first one. */
export type Position = Pick<LoggedEnding, 'n' | 'nonce'>

/** Rows in one statement. */
const maxRows = 500

/**
 * The ledger of endings in the accounts database: what ended stays ended when a store of sessions goes back in
 * time. Numbers are in the order of the commits: whoever sees one sees all smaller ones, now or never. Every
 * method throws StorageError when the database cannot answer; then it is unknown whether it was done.
 */
export class Ledger {
  readonly #db: Kysely<Tables>
  readonly #now: () => number
  readonly #log: (ending: NewEnding) => Promise<undefined>
  readonly #judge: (claim: Claim) => Promise<Verdict>
  #id: string | undefined

  constructor(db: Kysely<Tables>, now: () => number = Date.now) {
    this.#db = db
    this.#now = now
    this.#log = groupedByTurn((endings) => this.#insert(endings), maxRows)
    this.#judge = groupedByTurn((claims) => judgeAll(db, claims), maxRows)
  }

  /** Random, the same for as long as the database is the same. */
  async id(): Promise<string> {
    this.#id ??= (await this.#db.selectFrom('ledger').select('id').executeTakeFirstOrThrow()).id
    return this.#id
  }

  /** Endings of one turn of the event loop are one statement. */
  async log(ending: NewEnding): Promise<void> {
    await this.#log(ending)
  }

  /** What the database says of a session; one query for all that is asked in one turn. */
  judge(claim: Claim): Promise<Verdict> {
    return this.#judge(claim)
  }

  /**
   * The rows from this number on, in order; that one first, if it is there.
   * @returns undefined when that row is missing or another one: then the ledger has gone back in time, or is
   * another one
   */
  async after({ n, nonce }: Position, limit: number): Promise<Followed | undefined> {
    const rows = await this.#db
      .selectFrom('endings')
      .select(['n', 'nonce', 'kind', 'key', 'owner', 'name', 'gen', 'epoch', 'keep', 'label'])
      .select(sql<number | null>`CASE WHEN gen IS NOT NULL THEN ${nowOf(this.#db)} - at END`.as('ago'))
      .where('n', '>=', n)
      .orderBy('n')
      .limit(limit + 1)
      .execute()
    const [first] = rows
    const isThere = first?.n === n
    if (isThere ? first.nonce !== nonce : n > 0 && !(await this.#isSwept(n))) return undefined
    return rows.slice(isThere ? 1 : 0, limit + (isThere ? 1 : 0)).map(toEnding)
  }

  /** The last row, and the era. */
  async last(): Promise<Position & { readonly era: number }> {
    const rows = this.#db.selectFrom('endings').select(['n', 'nonce']).orderBy('n', 'desc').limit(1)
    const row = await rows.executeTakeFirst()
    // The era afterwards: a row that begins another one meanwhile comes after the last row.
    const { era } = await this.#db.selectFrom('ledger').select('era').executeTakeFirstOrThrow()
    return { n: row?.n ?? 0, nonce: row?.nonce ?? '', era }
  }

  /**
   * Ends all sessions of an account; a trigger writes the row.
   * @param kept the session that goes on, unless it is over itself by now
   * @returns below which epoch sessions are over; undefined: there is no such account
   */
  async endAccount(id: string, kept?: Kept): Promise<number | undefined> {
    const row = await this.#db
      .updateTable('accounts')
      .set({ version: sql<number>`version + 1`, kept_session: unlessOver(kept) })
      .where('id', '=', id)
      .returning('version')
      .executeTakeFirst()
    return row?.version
  }

  /** What was ended while the database was away. Done again it does nothing, unless another one came in between. */
  async endHeld({ owner, keep, keepEpoch = 0, nonce, until }: HeldEnding): Promise<void> {
    if (isOfName(owner)) return this.log({ kind: 'name', owner, keep, nonce, until })
    const kept_session = unlessOver(keep === undefined ? undefined : { key: keep, epoch: keepEpoch })
    await this.#db
      .updateTable('accounts')
      .set({ version: sql<number>`version + 1`, kept_session, ended_by: nonce })
      .where('id', '=', owner)
      .where('ended_by', 'is distinct from', nonce)
      .execute()
  }

  /**
   * The epoch of sessions of a name that begin now, or a lower one if they were ended since the request began.
   * @param arrivedAt when the request began, by `performance.now()`; undefined: without a request
   */
  async epochOfName(name: string, arrivedAt?: number): Promise<number> {
    const rows = this.#db
      .selectFrom('endings')
      .select(['n', 'nonce as of', sql<number>`${nowOf(this.#db)} - at`.as('ago')])
      .orderBy('n', 'desc')
      .limit(1)
    const [own, account] = await Promise.all([
      rows.where('kind', '=', 'name').where('owner', '=', `name:${name}`).executeTakeFirst(),
      rows.where('kind', '=', 'account').where('name', '=', name).executeTakeFirst()
    ])
    const [last] = [own, account].flatMap((row) => row ?? []).sort((one, other) => other.n - one.n)
    return last ? last.n - Number(isSince(last, arrivedAt)) : 0
  }

  /**
   * Deletes some rows of sessions that would be over anyway; never the last row, by which it is known that the
   * ledger has not gone back, and none of an account while there is none: the code of the first account would be one that
   * has counted.
   * @returns how many
   */
  async sweep(limit = 1000): Promise<number> {
    const over = this.#db
      .selectFrom('endings')
      .select('n')
      .where('until', '<', this.#now() - clockErrorMilliseconds)
      .where(
        'n',
        '<',
        this.#db.selectFrom('endings').select(({ fn }) => fn.max('n').as('last'))
      )
      .where(({ or, eb, exists, selectFrom }) =>
        or([eb('kind', '<>', 'account'), exists(selectFrom('accounts').select('id').limit(1))])
      )
      .orderBy('until')
      .limit(limit)
    const numbers = (await over.execute()).map(({ n }) => n)
    if (numbers.length === 0) return 0
    // Before: a number that is missing for no reason would end everybody's sessions.
    const swept = Math.max(...numbers)
    await this.#db.updateTable('ledger').set({ swept }).where('swept', '<', swept).execute()
    await this.#db.deleteFrom('endings').where('n', 'in', numbers).execute()
    return numbers.length
  }

  async #isSwept(n: number): Promise<boolean> {
    const { swept } = await this.#db.selectFrom('ledger').select('swept').executeTakeFirstOrThrow()
    return n <= swept
  }

  async #insert(endings: readonly NewEnding[]): Promise<readonly undefined[]> {
    await this.#db
      .insertInto('endings')
      .values(endings.map(toRow))
      .onConflict((conflict) => conflict.column('nonce').doNothing())
      .execute()
    return []
  }
}

/** In order; fewer than the limit: there are no more. */
export type Followed = readonly LoggedEnding[]

type RowWithAge = Omit<Selectable<EndingsTable>, 'until' | 'at'> & { readonly ago: number | null }

function toRow(ending: NewEnding): Insertable<EndingsTable> {
  const { kind, nonce, until } = ending
  const none = { key: null, owner: null, name: null, gen: null, epoch: null, keep: null, kind, nonce, until }
  if (ending.kind === 'era') return { ...none, epoch: ending.epoch }
  if (ending.kind === 'name') return { ...none, owner: ending.owner, keep: ending.keep ?? null }
  return { ...none, key: ending.key, owner: ending.owner, gen: ending.gen ?? null }
}

/** A hundred thousand may have to be followed at once, so no list of fields is made of each. */
function toEnding(row: RowWithAge): LoggedEnding {
  const { n, nonce, kind, ago, key, owner, name, gen, epoch, keep, label } = row
  const ending: Record<string, string | number> = { n, nonce, kind }
  if (key !== null) ending.key = key
  if (owner !== null) ending.owner = owner
  if (name !== null) ending.name = name
  if (gen !== null) ending.gen = gen
  if (ago !== null) ending.ago = Number(ago)
  if (epoch !== null) ending.epoch = epoch
  if (keep !== null) ending.keep = keep
  if (label !== null) ending.label = label
  return ending as unknown as LoggedEnding
}

type Kept = Pick<Claim, 'key' | 'epoch'>

/** Another request may have ended all of them while this one was under way. */
function unlessOver(kept: Kept | undefined) {
  if (!kept) return null
  const { key } = kept
  // The column has 32 bits.
  const epoch = Math.max(0, Math.min(kept.epoch, 2 ** 31 - 1))
  return sql<string | null>`CASE WHEN version <= ${epoch} OR kept_session = ${key} THEN ${key} END`
}
