import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../src/database/sqlite.ts'
import { SqliteStore } from '../src/sessions/stores/sqlite-store.ts'

// Measures what the mark beside the embedded database costs a sign-out, which waits for the disk anyway.
//   node bench/sign-out-mark.ts
const [rounds, count] = [5, 500]
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const database = await openSqlite(join(folder, 'latchkey.db'))
const store = new SqliteStore(database.sqlite)

for (let round = 1; round <= rounds; round++) {
  const marked = await signOuts()
  const trigger = String(
    database.sqlite.prepare("SELECT sql FROM sqlite_temp_schema WHERE name = 'latchkey_ended'").get()?.sql
  )
  database.sqlite.exec('DROP TRIGGER temp.latchkey_ended')
  const bare = await signOuts()
  database.sqlite.exec(trigger.replace('CREATE TRIGGER', 'CREATE TEMP TRIGGER'))
  console.log(`round ${round}: ${bare.toFixed(3)} ms without the mark, ${marked.toFixed(3)} with it`)
}

await store.close()
await database.close()
rmSync(folder, { recursive: true })

/** @returns milliseconds for one */
async function signOuts(): Promise<number> {
  const expiresAt = Date.now() + 3_600_000
  database.sqlite.exec('BEGIN')
  for (let n = 0; n < count; n++)
    database.sqlite
      .prepare('INSERT INTO sessions (key, record, owner, expires_at) VALUES (?, ?, ?, ?)')
      .run(`key ${n}`, '{}', 'bench', expiresAt)
  database.sqlite.exec('COMMIT')
  const start = performance.now()
  for (let n = 0; n < count; n++) await store.revoke(`key ${n}`)
  return (performance.now() - start) / count
}
