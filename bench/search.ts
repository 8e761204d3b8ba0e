import { parseArgs } from 'node:util'
import { AccountSearch, type SearchOptions, sorts } from '../src/accounts/account-search.ts'
import { openDatabase } from '../src/database/database.ts'
import { readOwnConfig } from '../src/settings/config.ts'

// Measures what a page of accounts costs: each order, both directions, the first page and pages deep in the list, of everybody and of
// searches that find one, a few thousand and very many. Fill a database first; PostgreSQL needs its statistics, as autovacuum makes them.
//   DATABASE_URL=file:/tmp/people.db npm run seed -- --people 1000000
//   DATABASE_URL=file:/tmp/people.db node bench/search.ts
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(values.rounds)
/** Everybody, a first name, one and a letter, one person's name, one's address, nobody. */
const searches = [
  '',
  'anna',
  'zoe.z',
  'hugo.klein',
  'a',
  'anna.adler.600',
  'adler.anna.600@example.org',
  'nobody'
]

const config = readOwnConfig()
const database = await openDatabase(config.database, { onLost: () => {}, onBack: () => {} }, 60_000)
const search = new AccountSearch(database.sql)
const count = await database.sql
  .selectFrom('accounts')
  .select(({ fn }) => fn.countAll().as('n'))
  .executeTakeFirst()
console.log(
  `${database.kind}, ${Number(count?.n).toLocaleString('en')} accounts. Milliseconds: fastest, median, slowest.`
)
console.log('| begins with | sort | first page | a page in the middle | short pages |\n|---|---|---|---|---|')
for (const startsWith of searches)
  for (const sort of sorts)
    for (const direction of ['ascending', 'descending'] as const)
      await measure({ startsWith, sort, direction })
await database.close()

async function measure(of: SearchOptions): Promise<void> {
  const [first, middle]: [number[], number[]] = [[], []]
  let short = 0
  for (let round = 0; round < rounds; round += 1) {
    let after: string | undefined
    for (let page = 0; page < 20; page += 1) {
      const begun = performance.now()
      // Larger steps lead deeper: what is measured are pages of 25.
      const found = await search.search({ ...of, after })
      const took = performance.now() - begun
      ;(page === 0 ? first : middle).push(took)
      if (found.next && found.accounts.length < 25) short += 1
      after = (await search.search({ ...of, after, limit: 1000 })).next
      if (after === undefined) break
    }
  }
  const cell = (times: readonly number[]) =>
    times.length === 0
      ? '–'
      : `${Math.min(...times).toFixed(1)}, ${median(times).toFixed(1)}, ${Math.max(...times).toFixed(1)}`
  console.log(
    `| ${of.startsWith || '(everybody)'} | ${of.sort} ${of.direction} | ${cell(first)} | ${cell(middle)} | ${short} |`
  )
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[times.length >> 1] ?? 0
}
