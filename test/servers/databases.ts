import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/database/database.ts'
import { patience } from './patience.ts'
import { emptyDatabase } from './shared-postgres.ts'

export type OpenDatabase = (t: Test) => Promise<Database>

const unheard = { onLost: () => {}, onBack: () => {} }

/** Runs the same tests on each kind of database; `open` returns a new one, closed when its test ends. */
export function overEachDatabase(t: Test, tests: (t: Test, open: OpenDatabase) => Promise<void>): void {
  t.test('over SQLite', (t) => tests(t, (t) => open(t, { kind: 'sqlite', file: ':memory:' })))
  t.test('over PostgreSQL', async (t) => {
    await tests(t, async (t) => open(t, { kind: 'postgres', url: await emptyDatabase(t) }))
  })
}

async function open(t: Test, address: Parameters<typeof openDatabase>[0]): Promise<Database> {
  const database = await openDatabase(address, unheard, patience)
  t.teardown(() => database.close())
  return database
}
