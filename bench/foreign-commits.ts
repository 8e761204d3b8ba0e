import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../src/database/sqlite.ts'
import { WalIndex } from '../src/database/wal-index.ts'

// Measures the two ways to learn of commits by other processes, in CPU time of one question.
//   node bench/foreign-commits.ts
const [rounds, questions] = [5, 100_000]
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const database = await openSqlite(join(folder, 'latchkey.db'))
const statement = database.sqlite.prepare('PRAGMA data_version')
statement.get()
const index = WalIndex.of(database.sqlite)

for (let round = 1; round <= rounds; round++) {
  const asked = microseconds(() => statement.get()?.data_version)
  const read = index && microseconds(() => index.hasChanged())
  const share =
    read === undefined ? 'there is no index' : `index ${read.toFixed(2)} µs, ${(read / asked).toFixed(2)}`
  console.log(`round ${round}: data_version ${asked.toFixed(2)} µs, ${share}`)
}

await database.close()
rmSync(folder, { recursive: true })

function microseconds(ask: () => unknown): number {
  const before = process.cpuUsage()
  for (let asked = 0; asked < questions; asked++) ask()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / questions
}
