import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { openSqlite } from '../src/database/sqlite.ts'
import { Sessions } from '../src/sessions/sessions.ts'
import { openSessionStore } from '../src/sessions/stores/open-store.ts'
import { readConfig } from '../src/settings/config.ts'

// Measures how long it takes until nobody is let in by a session of an account with 1 and with 10,000 of them.
//   node bench/end-all.ts
//   COUNT=100000 REDIS_URL=redis://localhost:6379 node bench/end-all.ts
const count = Number(process.env.COUNT ?? 10_000)
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const config = readConfig({ ...process.env, SESSION_SECRET: 'x'.repeat(32) })
const database = await openSqlite(join(folder, 'latchkey.db'))
const listener = { onLost: console.error, onBack: () => {} }
const store = await openSessionStore({ config, database, listener })
const sessions = new Sessions({ store, lifetimes: config.lifetimes, ids: config.sessionIds })
const accounts = new AccountsStore(database)

for (const number of [1, 1, count]) {
  const name = `bench-${number}-${performance.now()}`
  const account = await accounts.insert({ name, key: name, passwordHash: '' })
  if (!account) throw new Error(`${name} is taken`)
  const owned = { user: name, account: account.id, epoch: account.version }
  const record = { cookie: { originalMaxAge: null }, ...owned }
  for (let made = 0; made < number; made += 100) {
    const some = Array.from({ length: Math.min(100, number - made) }, (_, index) => made + index)
    await Promise.all(some.map((index) => sessions.create(`${name}-${index}`, record)))
  }
  const start = performance.now()
  const ended = await sessions.revokeAllOf(account)
  const milliseconds = (performance.now() - start).toFixed(1)
  const isOver = (await sessions.find(`${name}-${number - 1}`)) === undefined
  const where = config.redisUrl ? 'Redis' : 'SQLite'
  console.log(
    `${where}: ${number} ended in ${milliseconds} ms (${ended > 1000 ? 'more than 1000' : ended} said), ${isOver ? 'over' : 'not over'}`
  )
}

await sessions.close()
await database.close()
rmSync(folder, { recursive: true })
