import type { Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { CachedStore } from '../../src/sessions/cache/cached-store.ts'
import { SqliteInvalidation } from '../../src/sessions/cache/sqlite-invalidation.ts'
import type { SessionIds } from '../../src/sessions/session-keys.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { patience } from '../servers/patience.ts'

export const { lifetimes } = readConfig({})
export const cookie = { originalMaxAge: null }
export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
export const start = Date.UTC(2026, 0, 2)

interface Opening {
  readonly file?: string
  readonly ids?: SessionIds
  /** Whether sessions are cached. */
  readonly isCached?: boolean
}

/** Sessions in SQLite, and a clock that the test sets. */
export async function openSessions(
  t: Test,
  { file = ':memory:', ids = 'hashed', isCached = false }: Opening = {}
) {
  let time = start
  const database = await openSqlite(file, patience)
  const bare = new SqliteStore(database.sqlite, () => time)
  const invalidation = new SqliteInvalidation(database.sqlite)
  const store: SessionStore = isCached ? new CachedStore({ store: bare, invalidation, maxEntries: 10 }) : bare
  const sessions = new Sessions({ store, lifetimes, ids, now: () => time })
  t.teardown(async () => {
    await sessions.close()
    await database.close()
  })
  const at = (sinceStart: number) => {
    time = start + sinceStart
  }
  const rows = () => database.sqlite.prepare('SELECT * FROM sessions').all()
  return { sessions, store, now: () => time, at, rows, database }
}
