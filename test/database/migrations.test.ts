import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { mustBeOfThisVersion } from '../../src/database/migrations.ts'
import { createTables } from '../../src/database/new-database.ts'
import { migratedDatabase, readSchemaSource, schemaSource, statementsOf } from '../schema.ts'

const source = readFileSync(new URL('../../src/database/migrations.ts', import.meta.url), 'utf8')
const names = [...source.matchAll(/^ {2}'(\d{4}-.+)': \{$/gm)].map(([, name = '']) => name)

t.test('the steps are in the order of their names, and each names its version', async (t) => {
  t.ok(names.length > 0)
  t.same(names, [...names].sort())
  for (const name of names) t.match(name, /^\d{4}-[a-z-]+@\d+\.\d+\.\d+$/)
  t.equal(new Set(names.map((name) => name.slice(0, 4))).size, names.length, 'no number twice')
})

t.test('a database with all, some or none of the steps is accepted', async (t) => {
  for (const taken of [names, names.slice(1), []]) t.doesNotThrow(() => mustBeOfThisVersion(taken))
})

t.test('a new embedded database is what the steps make', async (t) => {
  t.equal(readSchemaSource(), await schemaSource(), 'generate it with "npm run schema"')
  const migrated = await migratedDatabase()
  const made = new DatabaseSync(':memory:')
  createTables(made)
  t.same(statementsOf(made), statementsOf(migrated))
  const tables = made.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  for (const { name } of tables)
    t.same(rowsOf(made, `${name}`), rowsOf(migrated, `${name}`), `rows of ${name}`)
  for (const sqlite of [made, migrated]) sqlite.close()
})

/** The rows of a table, without what is another one in every database. */
function rowsOf(sqlite: DatabaseSync, table: string) {
  const rows = sqlite.prepare(`SELECT * FROM ${table}`).all()
  return rows.map((row) =>
    table === 'ledger' ? { ...row, id: `${row.id}`.length } : { ...row, timestamp: '' }
  )
}
