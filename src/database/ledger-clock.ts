import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely'

/** Milliseconds since 1970, by the clock of SQLite. */
export const sqliteNow = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"

/** The same by the clock of the database. */
export function nowOf<T>(db: Kysely<T>): RawBuilder<number> {
  return db.getExecutor().adapter instanceof SqliteAdapter
    ? sql.raw<number>(sqliteNow)
    : sql<number>`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`
}

/**
 * Whether something happened after a request began. To be asked after the store has answered: then no wait for it makes
 * what happened look older.
 * @param ago how long it was then, in whole milliseconds
 * @param arrivedAt when the request began, by `performance.now()`; undefined: without a request nothing did
 */
export function isSince(ago: number, arrivedAt: number | undefined): boolean {
  return arrivedAt !== undefined && Number(ago) <= performance.now() - arrivedAt + 1
}
