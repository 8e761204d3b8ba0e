import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { allOrNothing, readFrom, writeTo } from '../database/sqlite-file.ts'
import { type Counters, type Limit, provisionalHoldMilliseconds, type Taken } from './counters.ts'

const sweepEveryMilliseconds = 60_000
/** What Infinity is in SQL. */
const never = '9e999'

/** How many there are in a row just now. */
const current = 'CASE WHEN expires_at <= :now THEN 0 ELSE max(0, count - (:now - at) * 1.0 / :every) END'

/** Counters in the embedded database, each step one statement or one transaction. */
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

  take(limits: readonly Limit[]): Promise<Taken> {
    return this.#write(() => {
      return allOrNothing(
        this.#database,
        () => this.#takeEach(limits),
        ({ ok }) => ok
      )
    })
  }

  async reach(): Promise<void> {
    const nobody = { key: 'reachable', now: this.#now(), every: 1, most: 1 }
    readFrom(this.#database, () => this.#look.get(nobody))
  }

  async hold(key: string, until: number): Promise<void> {
    await this.#write(() => this.#hold.run({ key, until }))
  }

  async giveBack(limits: readonly Limit[], reset: readonly string[] = []): Promise<void> {
    await this.#write(() => {
      allOrNothing(this.#database, () => {
        for (const { key, allowance } of limits) this.#giveBack.run({ key, free: allowance.free })
        for (const key of reset) this.#reset.run({ key })
      })
    })
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

  #takeEach(limits: readonly Limit[]): Taken {
    const now = this.#now()
    const counts: number[] = []
    for (const { key, allowance } of limits) {
      const { free, most, forgetsOneEvery, keptFor } = allowance
      const common = { key, now, every: forgetsOneEvery, most }
      const asked = { ...common, free, hold: provisionalHoldMilliseconds, expires: now + keptFor }
      const [counted] = this.#take.all(asked)
      if (!counted) return { ok: false, until: this.#heldUntil(common) }
      counts.push(Number(counted.count))
    }
    return { ok: true, counts }
  }

  #heldUntil(refused: { key: string; now: number; every: number; most: number }): number {
    const row = this.#look.get(refused)
    return row?.is_over ? Number.POSITIVE_INFINITY : Number(row?.held_until ?? refused.now)
  }

  #write<T>(step: () => T): Promise<T> {
    return writeTo(this.#database, step)
  }
}
