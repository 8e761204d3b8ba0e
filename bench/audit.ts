import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { sql } from '#vendor/kysely'
import type { AuditFilter, AuditPlace } from '../src/audit/audit-filter.ts'
import { AuditStore } from '../src/audit/audit-store.ts'
import { AuditTrail } from '../src/audit/audit-trail.ts'
import { SignInCounts } from '../src/audit/sign-in-counts.ts'
import { openDatabase } from '../src/database/database.ts'
import { newAccountId } from '../src/identity/account-id.ts'
import { readOwnConfig } from '../src/settings/config.ts'

// Fills the audit trail with events of a month, and measures what administrators look at: pages of it by each filter, sign-ins by
// outcome, and reading all of it, with the memory that takes.
//   DATABASE_URL=file:/tmp/events.db node bench/audit.ts --events 1000000
const { values } = parseArgs({ options: { events: { type: 'string', default: '1000000' } } })
const events = Number(values.events)
const month = 30 * 24 * 3_600_000
const batch = 1000
const people = Array.from({ length: 1000 }, (_, n) => ({ name: `person${n}`, account: newAccountId() }))
const kinds = ['sign-in', 'sign-in', 'sign-in', 'sign-in-refused', 'sign-out', 'proof'] as const
const rare = 'role-change'

const config = readOwnConfig()
const database = await openDatabase(config.database, { onLost: () => {}, onBack: () => {} }, 60_000)
const store = new AuditStore(database.sql)
const log = { info: () => {}, error: console.error }
const trail = new AuditTrail({ store, log, retention: 2 * month })
await fill()
console.log(`${database.kind}, ${events.toLocaleString('en')} events. Milliseconds.`)
const [busy, other] = await Promise.all(['person0', 'person7'].map(accountOf))
await pages('everything', {})
await pages('one person of a thousand', { account: other })
await pages('one address', { address: '192.0.2.7' })
await pages('a rare kind', { event: rare })
await pages('what nobody did', { account: busy, event: 'accounts-import' })
const counts = new SignInCounts(trail)
for (const look of ['first', 'again'])
  await timed(`sign-ins of a day and a month, ${look}`, () =>
    Promise.all([counts.lastDay(), counts.lastMonth()])
  )
await readAll()
trail.close()
await database.close()

async function fill(): Promise<void> {
  const { n } = await database.sql
    .selectFrom('audit')
    .select(({ fn }) => fn.countAll().as('n'))
    .executeTakeFirstOrThrow()
  if (Number(n) >= events) return
  const now = Date.now()
  for (let first = 0; first < events; first += batch) {
    const rows = Array.from({ length: Math.min(batch, events - first) }, (_, index) =>
      rowOf(first + index, now)
    )
    await database.sql.insertInto('audit').values(rows).execute()
  }
  // As autovacuum does on a database that fills over a month.
  await sql`ANALYZE`.execute(database.sql)
}

/** Of a run before, perhaps. */
async function accountOf(name: string): Promise<string> {
  const [found] = await database.sql
    .selectFrom('audit')
    .select('account')
    .where('name', '=', name)
    .limit(1)
    .execute()
  return found?.account ?? ''
}

function rowOf(n: number, now: number) {
  const event = n % 50_000 === 0 ? rare : (kinds[n % kinds.length] ?? 'sign-in')
  return {
    ...{
      id: randomUUID(),
      at: now - Math.floor((n / events) * month),
      event,
      ...people[(n * 7) % people.length]
    },
    ...{ address: `192.0.2.${n % 250}`, session: null, former_name: null, detail: null },
    ...{ actor_kind: null, actor_name: null, actor_account: null }
  }
}

function summary(times: readonly number[]): string {
  const sorted = times.toSorted((one, two) => one - two)
  return `${sorted[sorted.length >> 1]?.toFixed(1) ?? '-'}, slowest ${sorted.at(-1)?.toFixed(1) ?? '-'}`
}

async function pages(what: string, filter: AuditFilter): Promise<void> {
  const times: number[] = []
  const timedPage = async (place: AuditPlace) => {
    const begun = performance.now()
    const found = await trail.page(filter, { ...place, limit: 25 })
    times.push(performance.now() - begun)
    return found
  }
  let found = await timedPage({})
  for (let page = 1; page < 20 && found.next !== undefined; page += 1)
    found = await timedPage({ before: found.next })
  const deep = times.length
  while (found.previous !== undefined) found = await timedPage({ after: found.previous })
  console.log(`${what}: ${summary(times.slice(0, deep))}; back: ${summary(times.slice(deep))}`)
}

async function timed(what: string, run: () => Promise<unknown>): Promise<void> {
  const begun = performance.now()
  await run()
  console.log(`${what}: ${(performance.now() - begun).toFixed(1)}`)
}

async function readAll(): Promise<void> {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const begun = performance.now()
  let [read, most] = [0, before]
  for await (const _ of trail.search({})) {
    read += 1
    if (read % 10_000 === 0) most = Math.max(most, process.memoryUsage().rss)
  }
  const seconds = (performance.now() - begun) / 1000
  const megabytes = ((most - before) / 2 ** 20).toFixed(0)
  console.log(
    `all ${read.toLocaleString('en')} in ${seconds.toFixed(1)} s, with ${megabytes} MB more at most`
  )
}
