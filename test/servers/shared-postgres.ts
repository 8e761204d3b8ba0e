import type { Test } from 'tap'
import { type PostgresServer, startPostgres } from './postgres.ts'
import { topmost } from './topmost.ts'

let started: Promise<PostgresServer> | undefined
/** Where nobody is any more, and nothing. */
const empty: string[] = []

/**
 * The address of an empty database at a PostgreSQL that all tests of this process share, for those that leave the
 * server alone. It is emptied when the test ends: making one costs a hundred times what most tests do with it.
 */
export async function emptyDatabase(t: Test): Promise<string> {
  started ??= startPostgres(topmost(t))
  const postgres = await started
  const url = empty.pop() ?? (await postgres.newDatabase())
  t.teardown(async () => {
    await postgres.run('DROP SCHEMA public CASCADE; CREATE SCHEMA public', url)
    empty.push(url)
  })
  return url
}
