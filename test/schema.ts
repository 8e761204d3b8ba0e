import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { migrate } from '../src/database/migrations.ts'
import { builderOver } from '../src/database/sqlite.ts'

const file = join(import.meta.dirname, '../src/database/schema.ts')

/** A database whose tables the steps of migrations.ts have made, one after the other. */
export async function migratedDatabase(): Promise<DatabaseSync> {
  const sqlite = new DatabaseSync(':memory:')
  await migrate(builderOver(sqlite), 'sqlite', [])
  return sqlite
}

/** What a database is made of: tables, indexes and triggers, in the order in which they were made. */
export function statementsOf(sqlite: DatabaseSync): readonly string[] {
  return sqlite
    .prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    .all()
    .map(({ sql }) => String(sql))
}

/** The content of src/database/schema.ts. */
export async function schemaSource(): Promise<string> {
  const sqlite = await migratedDatabase()
  const text = statementsOf(sqlite)
    .map((statement) => `${statement};\n`)
    .join('')
  sqlite.close()
  return `// Generated from the steps of migrations.ts: "npm run schema".

/** The tables of an embedded database, as all steps make them. */
export const schema = \`
${text.replaceAll(/[\\`]|\$\{/g, '\\$&')}\`
`
}

export function readSchemaSource(): string {
  return readFileSync(file, 'utf8')
}

if (import.meta.main) writeFileSync(file, await schemaSource())
