import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { readFrom, writeTo } from '../database/sqlite-file.ts'
import { type Allowance, type Counters, provisionalHoldMilliseconds, type Taken } from './counters.ts'

const sweepEveryMilliseconds = 60_000
/** What Infinity is in SQL. */
const never = '9e999'

/** How many there are in a row just now. */
const current = 'CASE WHEN expires_at <= :now THEN 0 ELSE max(0, count - (:now - at) * 1.0 / :every) END'

/** Counters in the embedded database, each step one statement. */
export class SqliteCounters implements Counters {
  readonly #database: DatabaseSync
  readonly #now: () => number
  readonly #take: StatementSync
  readonly #look: StatementSync
  readonly #hold: StatementSync
  readonly #giveBack: StatementSync
  readonly #reset: StatementSync
  readonly #sweep: StatementSync
  readonly #sweeping: NodeJS.Timeout

  constructor(database: DatabaseSync, now: () => number = Date.now) {
    this.#database = database
    this.#now = now
    this.#take = database.prepare(`
      INSERT INTO tries (key, count, at, held_until, expires_at) VALUES (:key, 1, :now, 0, :expires)
      ON CONFLICT (key) DO UPDATE SET
        count = ${current} + 1,
        at = :now,
        held_until = CASE WHEN ${current} + 1 > :free - 1 THEN :now + :hold ELSE held_until END,
        expires_at = max(expires_at, :expires)
      WHERE ${current} + 1 <= :most AND (held_until <= :now OR :free = ${never})
      RETURNING count`)
    this.#look = database.prepare(
      `SELECT held_until, ${current} + 1 > :most AS is_over FROM tries WHERE key = :key`
    )
    this.#hold = database.prepare('UPDATE tries SET held_until = max(held_until, :until) WHERE key = :key')
    this.#giveBack = database.prepare(`
      UPDATE tries SET
        count = max(0, count - 1),
        held_until = CASE WHEN count - 1 <= :free - 1 THEN 0 ELSE held_until END
      WHERE key = :key`)
    this.#reset = database.prepare('DELETE FROM tries WHERE key = :key')
    this.#sweep = database.prepare('DELETE FROM tries WHERE expires_at <= :now')
    this.#sweeping = setInterval(() => this.sweep(), sweepEveryMilliseconds).unref()
  }

  async take(key: string, { free, most, forgetsOneEvery, keptFor }: Allowance): Promise<Taken> {
    const now = this.#now()
    const common = { key, now, every: forgetsOneEvery, most }
    const asked = { ...common, free, hold: provisionalHoldMilliseconds, expires: now + keptFor }
    const counted = await this.#write(() => this.#take.get(asked))
    if (counted) return { ok: true, count: Number(counted.count) }
    const refused = readFrom(this.#database, () => this.#look.get(common))
    return {
      ok: false,
      until: refused?.is_over ? Number.POSITIVE_INFINITY : Number(refused?.held_until ?? now)
    }
  }

  async reach(): Promise<void> {
    const nobody = { key: 'reachable', now: this.#now(), every: 1, most: 1 }
    readFrom(this.#database, () => this.#look.get(nobody))
  }

  async hold(key: string, until: number): Promise<void> {
    await this.#write(() => this.#hold.run({ key, until }))
  }

  async giveBack(key: string, { free }: Allowance): Promise<void> {
    await this.#write(() => this.#giveBack.run({ key, free }))
  }

  async reset(key: string): Promise<void> {
    await this.#write(() => this.#reset.run({ key }))
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping)
  }

  /** Removes what is over, every minute by itself. What cannot be done just now is left to the next time. */
  sweep(): void {
    try {
      this.#sweep.run({ now: this.#now() })
    } catch {}
  }

  #write<T>(step: () => T): Promise<T> {
    return writeTo(this.#database, step)
  }
}
