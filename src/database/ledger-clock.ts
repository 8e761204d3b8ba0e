import { type Kysely, type RawBuilder, SqliteAdapter, sql } from '#vendor/kysely'
import { LruCache } from '../primitives/lru-cache.ts'

/** Milliseconds since 1970, by the clock of SQLite. */
export const sqliteNow = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"

/** The same by the clock of the database. */
export function nowOf<T>(db: Kysely<T>): RawBuilder<number> {
  return db.getExecutor().adapter instanceof SqliteAdapter
    ? sql.raw<number>(sqliteNow)
    : sql<number>`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`
}

/** Something that ended sessions. */
export interface PastEnding {
  /** Its own name among all endings. */
  readonly of: string
  /** How long it was then, in whole milliseconds, by the clock of the store. */
  readonly ago: number | string
}

/** When this process saw an ending first that then looked later than a request, by `performance.now()`. */
const firstSeen = new LruCache<string, { readonly at: number }>(1000)

/**
 * Whether something happened after a request began. To be asked after the store has answered: then no wait for it makes
 * what happened look older. A clock that was set back would say so for hours, of each request: but what was seen before
 * a request began did not happen after it.
 * @param arrivedAt when the request began, by `performance.now()`; undefined: without a request nothing did
 */
export function isSince({ of, ago }: PastEnding, arrivedAt: number | undefined): boolean {
  const now = performance.now()
  if (arrivedAt === undefined || Number(ago) > now - arrivedAt + 1) return false
  const seen = firstSeen.get(of)
  if (!seen) firstSeen.set(of, { at: now })
  return !seen || seen.at >= arrivedAt
}
