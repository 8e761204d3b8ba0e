import { type Kysely, sql } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { StorageError } from '../errors/errors.ts'
import type { KeyRing, Place } from './key-ring.ts'
import { type SealedColumn, sealedColumns } from './sealed-columns.ts'

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
        `The first key in DATA_KEYS now seals everything (${moved} were moved to it). When every process uses it, the other keys can go.`
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
    const [codes, ...mail] = await Promise.all(sealedColumns.map((column) => this.#count(column, id)))
    const texts = mail.reduce((sum, count) => sum + count, 0)
    if (!codes && texts === 0) await this.#db.deleteFrom('data_keys').where('id', '=', id).execute()
    else
      this.#log.error(
        `A key of this database is missing in DATA_KEYS, or data.key was replaced, so ${lossOf(codes ?? 0, texts)}. ` +
          'Add the key at the end, and restart. Until then passwords, passkeys and recovery codes work.'
      )
  }

  /** How many texts of a column a key has sealed. */
  async #count({ table, column }: SealedColumn, keyId: string): Promise<number> {
    const counting = sql<{ count: number | string }>`
      SELECT count(*) AS count FROM ${sql.table(table)} WHERE ${isSealedBy(column, keyId)}`
    const { rows } = await counting.execute(this.#db)
    return Number(rows[0]?.count ?? 0)
  }

  /** @returns how many were moved */
  async #moveAll(to: string): Promise<number> {
    let moved = 0
    for (const column of sealedColumns) moved += await this.#moveColumn(column, to)
    return moved
  }

  async #moveColumn(sealed: SealedColumn, to: string): Promise<number> {
    const { table, column, key, place } = sealed
    const [from, text, id] = [sql.table(table), sql.ref(column), sql.ref(key)]
    let moved = 0
    let after = ''
    while (!this.#isOver) {
      const page = sql<SealedText>`
        SELECT ${id} AS id, ${sql.ref(place)} AS place, ${text} AS text FROM ${from}
        WHERE ${id} > ${after} AND ${text} IS NOT NULL AND NOT (${isSealedBy(column, to)})
        ORDER BY ${id} LIMIT ${sql.lit(pageSize)}`
      const { rows } = await page.execute(this.#db)
      for (const row of rows) moved += await this.#move(sealed, row)
      after = rows.at(-1)?.id ?? ''
      if (rows.length < pageSize) break
    }
    return moved
  }

  /** One that was changed meanwhile stays, and so does one whose key is lost. */
  async #move(
    { table, column, key }: SealedColumn,
    { id, place: account, text: sealed }: SealedText
  ): Promise<number> {
    const place = { table, column, account }
    const text = this.#keys.open(sealed, place)
    if (text === undefined) return 0
    const moving = sql`
      UPDATE ${sql.table(table)} SET ${sql.ref(column)} = ${this.#keys.seal(text, place)}
      WHERE ${sql.ref(key)} = ${id} AND ${sql.ref(column)} = ${sealed}`
    return Number((await moving.execute(this.#db)).numAffectedRows ?? 0)
  }
}

/** A sealed text in its row. */
interface SealedText {
  readonly id: string
  readonly place: string
  readonly text: string
}

function lossOf(codes: number, texts: number): string {
  return [
    codes > 0 && `one-time codes of ${codes === 1 ? 'one account' : `${codes} accounts`} cannot be checked`,
    texts > 0 && `${texts === 1 ? 'one text' : `${texts} texts`} of mail and links cannot be read`
  ]
    .filter(Boolean)
    .join(', and ')
}

/** Where the seed of an account's one-time codes belongs. */
export function placeOfSeed(account: string): Place {
  return { table: 'totp', column: 'seed', account }
}

const placeOfCanary = { table: 'data_keys', column: 'canary', account: '' }

/** A sealed text begins with the id of its key. */
function isSealedBy(column: string, id: string) {
  return sql<boolean>`substr(${sql.ref(column)}, 1, ${sql.lit(id.length + 1)}) = ${`${id}.`}`
}
