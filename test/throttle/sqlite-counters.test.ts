import { join } from 'node:path'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { pair } from '../../src/throttle/allowances.ts'
import { SqliteCounters } from '../../src/throttle/sqlite-counters.ts'
import { patience } from '../servers/patience.ts'
import { countsByTheContract, limit } from './counters.contract.ts'

async function open(t: Test, file: string) {
  let time = Date.UTC(2026, 0, 2)
  const database = await openSqlite(file, patience)
  const counters = new SqliteCounters(database.noSync, () => time)
  t.teardown(async () => {
    await counters.close()
    await database.close()
  })
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  const count = () => Number(database.sqlite.prepare('SELECT count(*) AS rows FROM attempts').get()?.rows)
  const sweep = () => counters.sweep()
  return { counters, database, now: () => time, pass, sweep, count }
}

t.test('in a file', async (t) => countsByTheContract(t, (t) => open(t, join(t.testdir(), 'latchkey.db'))))

t.test('in memory', async (t) => countsByTheContract(t, (t) => open(t, ':memory:')))

t.test('a counter is dropped when its time is over, which each attempt extends', async (t) => {
  const { counters, pass } = await open(t, ':memory:')
  await counters.take([limit('once', pair)])
  await counters.take([limit('twice', pair)])
  pass(1)
  await counters.take([limit('twice', pair)])
  pass(pair.expiresAfter - 1)
  t.same(await counters.take([limit('once', pair)]), { ok: true, counts: [1] })
  t.same(await counters.take([limit('twice', pair)]), { ok: true, counts: [3] })
})

t.test('two processes on one file count together', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const [one, other] = [await open(t, file), await open(t, file)]
  const taken = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other).counters.take([limit('key', pair)]))
  )
  t.equal(taken.filter(({ ok }) => ok).length, 5)
})

t.test('expired counters are swept every minute, and no others', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const { counters, pass, count } = await open(t, ':memory:')
  await counters.take([limit('old', pair)])
  pass(pair.expiresAfter)
  await counters.take([limit('new', pair)])
  mock.timers.tick(60_000)
  t.equal(count(), 1)
})

t.test('expired counters are swept in parts', async (t) => {
  const { counters, pass, count } = await open(t, ':memory:')
  await counters.take(Array.from({ length: 1201 }, (_, index) => limit(`old ${index}`, pair)))
  pass(pair.expiresAfter)
  const sweeping = counters.sweep()
  t.equal(count(), 701, 'others come in between')
  await sweeping
  t.equal(count(), 0)
})

t.test('a failing database is a StorageError, and sweeping it does not crash', async (t) => {
  const { counters, database } = await open(t, ':memory:')
  database.sqlite.exec('DROP TABLE attempts')
  const error = { code: 'LATCHKEY_STORAGE_UNAVAILABLE' }
  await t.rejects(counters.take([limit('key', pair)]), error)
  await t.rejects(counters.backOff('key', 1), error)
  await t.rejects(counters.release([limit('key', pair)]), error)
  await t.rejects(counters.release([], ['key']), error)
  await counters.sweep()
})
