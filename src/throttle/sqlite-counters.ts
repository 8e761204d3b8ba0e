import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { inTransaction, readFrom, writeTo } from '../database/sqlite-file.ts'
import { processClock } from '../primitives/clock.ts'
import { type Counters, type Limit, provisionalBackOffMilliseconds, type Taken } from './counters.ts'

const sweepEveryMilliseconds = 60_000
/** How many counters are deleted in one statement. */
const batchSize = 500
/** Infinity in SQL. */
const never = '9e999'

/** The current number in a row. */
const current =
  'CASE WHEN expires_at <= :now THEN 0 ELSE max(0, count - max(0, :now - at) * 1.0 / :every) END'

/** Counters in the embedded database. Each step is one statement or one transaction. */
export class SqliteCounters implements Counters {
  readonly #database: DatabaseSync
  readonly #now: () => number
  readonly #take: StatementSync
  readonly #read: StatementSync
  readonly #backOff: StatementSync
  readonly #release: StatementSync
  readonly #reset: StatementSync
  readonly #moveBack: StatementSync
  readonly #sweep: StatementSync
  readonly #sweeping: NodeJS.Timeout

  constructor(database: DatabaseSync, now: () => number = processClock) {
    this.#database = database
    this.#now = now
    this.#take = database.prepare(`
      INSERT INTO attempts (key, count, at, blocked_until, expires_at) VALUES (:key, 1, :now, 0, :expires)
      ON CONFLICT (key) DO UPDATE SET
        count = ${current} + 1,
        at = :now,
        blocked_until = CASE WHEN ${current} + 1 > :free - 1 THEN :now + :hold ELSE blocked_until END,
        expires_at = max(expires_at, :expires)
      WHERE ${current} + 1 <= :max AND (blocked_until <= :now OR :free = ${never})
      RETURNING count`)
    this.#read = database.prepare(
      `SELECT blocked_until, ${current} + 1 - :max AS excess FROM attempts WHERE key = :key`
    )
    this.#backOff = database.prepare(
      'UPDATE attempts SET blocked_until = max(blocked_until, :until) WHERE key = :key'
    )
    this.#release = database.prepare(`
      UPDATE attempts SET
        count = max(0, count - 1),
        blocked_until = CASE WHEN :free <> ${never} AND count - 1 <= :free - 1 THEN 0 ELSE blocked_until END
      WHERE key = :key`)
    this.#reset = database.prepare('DELETE FROM attempts WHERE key = :key')
    this.#moveBack = database.prepare(`
      UPDATE attempts SET
        blocked_until = blocked_until - (at - :now), expires_at = expires_at - (at - :now), at = :now
      WHERE at > :now`)
    this.#sweep = database.prepare(
      'DELETE FROM attempts WHERE key IN (SELECT key FROM attempts WHERE expires_at <= ? LIMIT ?)'
    )
    this.sweep()
    this.#sweeping = setInterval(() => this.sweep(), sweepEveryMilliseconds).unref()
  }

  take(limits: readonly Limit[]): Promise<Taken> {
    return this.#write(() => {
      return inTransaction(
        this.#database,
        () => this.#takeAll(limits),
        ({ ok }) => ok
      )
    })
  }

  async ping(): Promise<void> {
    const nobody = { key: 'reachable', now: this.#now(), every: 1, max: 1 }
    readFrom(this.#database, () => this.#read.get(nobody))
  }

  async backOff(key: string, until: number): Promise<void> {
    await this.#write(() => this.#backOff.run({ key, until }))
  }

  async release(limits: readonly Limit[], reset: readonly string[] = []): Promise<void> {
    await this.#write(() => {
      inTransaction(this.#database, () => {
        for (const { key, allowance } of limits) this.#release.run({ key, free: allowance.free })
        for (const key of reset) this.#reset.run({ key })
      })
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping)
  }

  /**
   * Deletes expired counters. What a clock has written that was ahead is moved back by as much, so that nobody waits
   * for it. Runs at the start and every minute by itself, in parts; a failure is left to the next run.
   */
  async sweep(): Promise<void> {
    try {
      this.#moveBack.run({ now: this.#now() })
      while (this.#sweep.run(this.#now(), batchSize).changes === batchSize) await nextTurn()
    } catch {}
  }

  #takeAll(limits: readonly Limit[]): Taken {
    const now = this.#now()
    const counts: number[] = []
    for (const { key, allowance } of limits) {
      const { free, max, decaysEvery, expiresAfter } = allowance
      const common = { key, now, every: decaysEvery, max }
      const asked = { ...common, free, hold: provisionalBackOffMilliseconds, expires: now + expiresAfter }
      const [counted] = this.#take.all(asked)
      if (!counted) return { ok: false, until: this.#blockedUntil(common), key }
      counts.push(Number(counted.count))
    }
    return { ok: true, counts }
  }

  #blockedUntil(refused: { key: string; now: number; every: number; max: number }): number {
    const row = this.#read.get(refused)
    const excess = Number(row?.excess ?? 0)
    return excess > 0
      ? Math.ceil(refused.now + excess * refused.every)
      : Number(row?.blocked_until ?? refused.now)
  }

  #write<T>(step: () => T): Promise<T> {
    return writeTo(this.#database, step)
  }
}
