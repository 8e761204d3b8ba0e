import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../src/database/sqlite.ts'
import { Sessions } from '../src/sessions/sessions.ts'
import { openSessionStore } from '../src/sessions/stores/open-store.ts'
import { readConfig } from '../src/settings/config.ts'

// Measures ending and listing the sessions of a user with 10,000 sessions.
//   node bench/end-all.ts
//   REDIS_URL=redis://localhost:6379 node bench/end-all.ts
const count = 10_000
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const config = readConfig({ ...process.env, SESSION_SECRET: 'x'.repeat(32) })
const database = await openSqlite(join(folder, 'latchkey.db'))
const listener = { onLost: console.error, onBack: () => {} }
const store = await openSessionStore({ config, database, listener })
const sessions = new Sessions({ store, lifetimes: config.lifetimes, ids: config.sessionIds })

for (let made = 0; made < count; made += 100) {
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      sessions.create(`bench-${process.pid}-${made + index}`, {
        cookie: { originalMaxAge: null },
        user: 'bench'
      })
    )
  )
}
const owner = { id: 'name:bench', name: 'bench' }
const listed = await timed('list', () => sessions.listByUser(owner.id))
const ended = await timed('end', () => sessions.revokeAllOf(owner))
console.log(
  `${listed.sessions.length} listed, ${ended} ended, ${await sessions.countOf(owner.id, count)} left`
)

await sessions.close()
await database.close()
rmSync(folder, { recursive: true })

async function timed<T>(what: string, step: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await step()
  console.log(
    `${what} ${count} sessions in ${config.redisUrl ? 'Redis' : 'SQLite'}: ${(performance.now() - start).toFixed(0)} ms`
  )
  return result
}
