import type { Test } from 'tap'
import { type PostgresServer, startPostgres } from './postgres.ts'
import { rootTest } from './root-test.ts'

let started: Promise<PostgresServer> | undefined
/** Databases that are free and empty. */
const empty: string[] = []

/**
 * The address of an empty database on a PostgreSQL that all tests of this process share, for tests that do
 * not stop the server. It is emptied when the test ends: creating one costs a hundred times what most tests
 * do with it.
 */
export async function emptyDatabase(t: Test): Promise<string> {
  started ??= startPostgres(rootTest(t))
  const postgres = await started
  const url = empty.pop() ?? (await postgres.newDatabase())
  t.teardown(async () => {
    await postgres.run('DROP SCHEMA public CASCADE; CREATE SCHEMA public', url)
    empty.push(url)
  })
  return url
}
