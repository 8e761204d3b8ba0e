import { type Kysely, sql } from '#vendor/kysely'
import type { TotpTable } from '../database/factors-tables.ts'
import type { Tables } from '../database/tables.ts'
import { StorageError } from '../errors/errors.ts'
import type { KeyRing, Place } from './key-ring.ts'

/** Rows that are read at once. */
const pageSize = 100

export interface KeyUpkeepOptions {
  readonly db: Kysely<Tables>
  readonly keys: KeyRing
  readonly log: { info(message: string): void; error(message: string): void }
  readonly now?: () => number
}

/**
 * Looks after what is sealed in a database when it is opened: finds a key that is lost, and moves what a former key has
 * sealed to the present one. The keys that a database was sealed with are in `data_keys`, each with a text that it sealed:
 * the canary. One stays there while it is in the ring, because another process may still seal with it.
 */
export class KeyUpkeep {
  readonly #db: Kysely<Tables>
  readonly #keys: KeyRing
  readonly #log: KeyUpkeepOptions['log']
  readonly #now: () => number
  #isOver = false
  #running: Promise<void> | undefined

  constructor({ db, keys, log, now = Date.now }: KeyUpkeepOptions) {
    this.#db = db
    this.#keys = keys
    this.#log = log
    this.#now = now
  }

  /** Starts it, unless it is running or was done. A database that is down is left to the next call. */
  start(): void {
    this.#running ??= this.#run().catch((error) => {
      if (error instanceof StorageError) this.#running = undefined
      else this.#log.error(`The keys of the database could not be looked at: ${error}`)
    })
  }

  /** Ends it soon, where it is. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  /** Waits until it is done. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    const { currentId } = this.#keys
    const known = await this.#db.selectFrom('data_keys').selectAll().execute()
    if (currentId !== undefined && !known.some(({ id }) => id === currentId)) await this.#note(currentId)
    const former = known.filter(({ id }) => id !== currentId)
    for (const { id, canary } of former) if (!this.#canOpen(canary)) await this.#tellOfLost(id)
    if (currentId === undefined || !former.some(({ canary }) => this.#canOpen(canary))) return
    const moved = await this.#moveAll(currentId)
    if (moved > 0)
      this.#log.info(
        `The first key in DATA_KEYS now seals the one-time codes of all accounts (${moved} were moved to it). When every process uses it, the other keys can go.`
      )
  }

  async #note(id: string): Promise<void> {
    const row = { id, canary: this.#keys.seal('canary', placeOfCanary), created_at: this.#now() }
    await this.#db
      .insertInto('data_keys')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }

  #canOpen(canary: string): boolean {
    return this.#keys.open(canary, placeOfCanary) === 'canary'
  }

  /** The canary of a key that sealed nothing that is still there is deleted. */
  async #tellOfLost(id: string): Promise<void> {
    const sealed = this.#db.selectFrom('totp').select(({ fn }) => fn.countAll().as('count'))
    const row = await sealed.where(isSealedBy(id)).executeTakeFirst()
    const count = Number(row?.count ?? 0)
    if (count === 0) await this.#db.deleteFrom('data_keys').where('id', '=', id).execute()
    else
      this.#log.error(
        'A key of this database is missing in DATA_KEYS, or data.key was replaced, so one-time codes of ' +
          `${count === 1 ? 'one account' : `${count} accounts`} cannot be checked. Add the key at the end, and ` +
          'restart. Until then passwords, passkeys and recovery codes work.'
      )
  }

  /** @returns how many were moved */
  async #moveAll(to: string): Promise<number> {
    let moved = 0
    let after = ''
    while (!this.#isOver) {
      const rows = await this.#db
        .selectFrom('totp')
        .select(['id', 'account_id', 'seed'])
        .where('id', '>', after)
        .where('seed', 'is not', null)
        .where(({ not }) => not(isSealedBy(to)))
        .orderBy('id')
        .limit(pageSize)
        .execute()
      for (const row of rows) moved += await this.#move(row)
      after = rows.at(-1)?.id ?? ''
      if (rows.length < pageSize) break
    }
    return moved
  }

  /** One that was changed meanwhile stays, and so does one whose key is lost. */
  async #move({ id, account_id, seed }: Pick<TotpTable, 'id' | 'account_id' | 'seed'>): Promise<number> {
    const text = seed === null ? undefined : this.#keys.open(seed, placeOfSeed(account_id))
    if (text === undefined) return 0
    const moving = this.#db.updateTable('totp').set({ seed: this.#keys.seal(text, placeOfSeed(account_id)) })
    const { numUpdatedRows } = await moving.where('id', '=', id).where('seed', '=', seed).executeTakeFirst()
    return Number(numUpdatedRows)
  }
}

/** Where the seed of an account's one-time codes belongs. */
export function placeOfSeed(account: string): Place {
  return { table: 'totp', column: 'seed', account }
}

const placeOfCanary = { table: 'data_keys', column: 'canary', account: '' }

/** A sealed text begins with the id of its key. */
function isSealedBy(id: string) {
  return sql<boolean>`substr(seed, 1, ${sql.lit(id.length + 1)}) = ${`${id}.`}`
}
