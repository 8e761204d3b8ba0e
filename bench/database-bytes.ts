import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from '#vendor/kysely'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { Passwords } from '../src/accounts/passwords.ts'
import { AuditStore } from '../src/audit/audit-store.ts'
import { openDatabase } from '../src/database/database.ts'
import { newNonce } from '../src/endings/ending.ts'
import { Ledger } from '../src/endings/ledger.ts'
import { newAccountId } from '../src/identity/account-id.ts'
import { terseCookie } from '../src/sessions/cookie/session-cookie.ts'
import { newSessionId } from '../src/sessions/session-keys.ts'
import { Sessions } from '../src/sessions/sessions.ts'
import { SqliteStore } from '../src/sessions/stores/sqlite-store.ts'
import { readConfig } from '../src/settings/config.ts'
import { KnownDevices } from '../src/throttle/known-devices.ts'
import { cpuOf, postgresProcess } from './postgres-cpu.ts'

// Measures how many bytes of the database a row of each kind takes, its indexes included, what it costs PostgreSQL to be asked
// whether a session is over, and how long the ledger takes to delete rows that are over.
//   node bench/database-bytes.ts
//   DATABASE_URL=postgres://localhost/empty node bench/database-bytes.ts
const count = Number(process.env.COUNT ?? 20_000)
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const file = `file:${join(folder, 'latchkey.db')}`
const config = readConfig({
  DATABASE_URL: file,
  REDIS_URL: 'redis://x',
  SESSION_SECRET: 'x'.repeat(32),
  ...process.env
})
const database = await openDatabase(config.database, { onLost: console.error, onBack() {} }, 10_000)
const passwordHash = await new Passwords(config.passwordHash).hash('correct horse battery')
const [accounts, audit] = [new AccountsStore(database), new AuditStore(database.sql)]
const [ledger, devices] = [new Ledger(database.sql), new KnownDevices(database.noSyncSql)]
const ids: string[] = []
const until = Date.now() - 3 * 24 * 3_600_000

console.log(`| ${database.kind}: a row of | bytes |\n|---|---|`)
await fill('accounts', 'an account', async (n) => {
  const made = await accounts.insert({ name: `person-${n}`, key: `person-${n}`, passwordHash })
  ids.push(made?.id ?? '')
})
await fill('devices', 'a browser that is known for an account', (n) =>
  devices.remember({ id: ids[n] ?? '', name: `person-${n}`, role: 'user' }, undefined)
)
await fill('audit', 'an event of the audit trail', (n) =>
  audit.insert({
    ...{ at: new Date(), event: 'sign-in', name: `person-${n}`, account: ids[n] ?? '' },
    ...{ address: `203.0.${n >> 8}.${n & 255}`, session: randomUUID().replaceAll('-', '') }
  })
)
await fill('endings', 'an ended session in the ledger', () =>
  ledger.log({
    ...{ kind: 'session', key: randomBytes(16).toString('base64url'), owner: newAccountId() },
    ...{ nonce: newNonce(), until }
  })
)
if (database.kind === 'sqlite') {
  const store = new SqliteStore(database.sqlite)
  const sessions = new Sessions({ store, lifetimes: config.lifetimes, ids: 'hashed' })
  const cookie = terseCookie({
    originalMaxAge: null,
    sameSite: 'lax',
    secure: true,
    path: '/',
    httpOnly: true
  })
  await fill('sessions', 'a session', (n) =>
    sessions.create(newSessionId(), {
      ...{ cookie, user: `person-${n}`, account: ids[n] ?? '', accountRole: 'user', epoch: 1 },
      ...{
        accountProofs: sessions.proofs.justNow(['password']),
        address: '203.0.113.7',
        browser: 'Chrome',
        system: 'Windows'
      }
    })
  )
}
if (config.database.kind === 'postgres') await askAbout(await postgresProcess(config.database.url))
const begun = performance.now()
let swept = 0
for (let part = 1; part > 0; swept += part) part = await ledger.sweep()
console.log(`${swept} rows of the ledger deleted in ${(performance.now() - begun).toFixed(0)} ms`)
await database.close()
rmSync(folder, { recursive: true })

async function fill(table: string, what: string, insert: (n: number) => Promise<unknown>): Promise<void> {
  const before = await bytesOf(table)
  for (let made = 0; made < count; made += 200)
    await Promise.all(Array.from({ length: 200 }, (_, index) => insert(made + index)))
  console.log(`| ${what} | ${(((await bytesOf(table)) - before) / count).toFixed(0)} |`)
}

/** As the first page of a session on a Cluster does, alone and together with others of the same moment. */
async function askAbout(server: number): Promise<void> {
  for (const together of [1, 50]) {
    const before = cpuOf(server)
    for (let asked = 0; asked < 5000; asked += together)
      await Promise.all(
        Array.from({ length: together }, (_, index) => {
          const claim = { key: randomBytes(16).toString('base64url'), epoch: 1, gen: 0, era: 0 }
          return ledger.judge({ ...claim, owner: ids[asked + index] ?? '' })
        })
      )
    const each = (cpuOf(server) - before) / 5000
    console.log(
      `asking whether a session is over, ${together} in a query: ${each.toFixed(0)} µs of CPU in PostgreSQL`
    )
  }
}

/** Of a table and its indexes. */
async function bytesOf(table: string): Promise<number> {
  const query =
    database.kind === 'postgres'
      ? sql<{ bytes: string }>`SELECT pg_total_relation_size(${table}::regclass) AS bytes`
      : sql<{
          bytes: number
        }>`SELECT sum(pgsize) AS bytes FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ${table})`
  const { rows } = await query.execute(database.sql as never)
  return Number(rows[0]?.bytes ?? 0)
}
