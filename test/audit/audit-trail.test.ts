import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { AuditStore } from '../../src/audit/audit-store.ts'
import { AuditTrail } from '../../src/audit/audit-trail.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { newAccountId } from '../../src/identity/account-id.ts'

const alice = { name: 'alice', account: newAccountId() }
const bob = { name: 'bob', account: newAccountId() }
const start = Date.UTC(2026, 0, 2)
const day = 86_400_000

async function open(t: Test) {
  let time = start
  const lines: { fields: object; message: string }[] = []
  const log = {
    info: (fields: object, message: string) => lines.push({ fields, message }),
    error: (fields: object, message: string) => lines.push({ fields, message })
  }
  const database = await openSqlite(':memory:')
  const store = new AuditStore(database.sql)
  const trail = new AuditTrail({ store, log, retention: 90 * day, now: () => time })
  t.teardown(async () => {
    trail.close()
    await database.close()
  })
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { trail, lines, pass, database }
}

t.test('an event is stored and logged', async (t) => {
  const { trail, lines } = await open(t)
  const event = {
    event: 'sign-in',
    ...alice,
    by: { kind: 'account', id: bob.account, name: 'bob' },
    address: '192.0.2.7',
    session: 'Xk3vQ0w_8yTn2rLb'
  } as const
  await trail.record(event)
  t.same(await trail.list(alice.account, 10), [{ at: new Date(start), ...event }])
  t.same(lines, [{ fields: { audit: event }, message: 'sign-in' }])
})

t.test('no text that a database refuses keeps an event out', async (t) => {
  const { trail } = await open(t)
  await trail.record({ event: 'account-open', ...alice, reason: 'lost\0phone', detail: '\0' })
  t.match(await trail.list(alice.account, 1), [{ reason: 'lost\ufffdphone', detail: '\ufffd' }])
})

t.test('events are listed newest first, for one person or for all', async (t) => {
  const { trail, pass } = await open(t)
  for (const [event, who] of [
    ['registration', alice],
    ['sign-in', bob],
    ['sign-out', alice]
  ] as const) {
    await trail.record({ event, ...who })
    pass(1000)
  }
  await trail.record({ event: 'account-disable', ...bob, by: { kind: 'command' } })
  const events = async (of?: string, limit = 10) => (await trail.list(of, limit)).map(({ event }) => event)
  t.same(await events(alice.account), ['sign-out', 'registration'])
  t.same(await events(), ['account-disable', 'sign-out', 'sign-in', 'registration'])
  t.same(await events(undefined, 2), ['account-disable', 'sign-out'])
  t.match(await trail.list(bob.account, 1), [{ by: { kind: 'command' } }])
})

t.test('an earlier owner of a name is somebody else, and so is an app’s user of that name', async (t) => {
  const { trail, pass } = await open(t)
  await trail.record({ event: 'account-remove', name: 'alice', account: bob.account })
  t.equal(await trail.hasOthersNamed('alice', alice.account), true)
  t.equal(await trail.hasOthersNamed('alice', bob.account), false)
  pass(1)
  await trail.record({ event: 'sign-out', name: 'alice' })
  t.equal(await trail.hasOthersNamed('alice', bob.account), true)
  pass(1)
  await trail.record({ event: 'registration', ...alice })
  const events = async (of: Parameters<typeof trail.list>[0]) =>
    (await trail.list(of, 10)).map(({ event }) => event)
  t.same(await events(alice.account), ['registration'])
  t.same(await events('name:alice'), ['sign-out'])
  t.same(await events({ name: 'alice' }), ['registration', 'sign-out', 'account-remove'])
})

t.test(
  'events a day past the retention are deleted, to the millisecond: a clock may be ahead meanwhile',
  async (t) => {
    const { trail, pass } = await open(t)
    await trail.record({ event: 'sign-in', ...alice })
    pass(1)
    await trail.record({ event: 'sign-out', ...alice })
    pass(90 * day)
    await trail.sweep()
    t.equal((await trail.list(alice.account, 10)).length, 2)
    pass(day)
    await trail.sweep()
    t.match(await trail.list(alice.account, 10), [{ event: 'sign-out' }])
  }
)

t.test('old events are deleted in parts, and others come in between', async (t) => {
  const { trail, pass, database } = await open(t)
  const insert = database.sqlite.prepare("INSERT INTO audit (id, at, event) VALUES (?, ?, 'sign-in')")
  for (let made = 0; made < 1201; made += 1) insert.run(`event ${made}`, start)
  const left = () => database.sqlite.prepare('SELECT count(*) AS count FROM audit').get()?.count
  pass(92 * day)
  const seen = new Set<unknown>()
  let isOver = false
  const sweeping = trail.sweep().finally(() => {
    isOver = true
  })
  while (!isOver) {
    await new Promise(setImmediate)
    seen.add(left())
  }
  await sweeping
  t.same([...seen], [701, 201, 0])
})

t.test('old events are deleted every hour', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const { trail, pass } = await open(t)
  await trail.record({ event: 'sign-in', ...alice })
  pass(92 * day)
  mock.timers.tick(3_600_000)
  await new Promise(setImmediate)
  t.same(await trail.list(alice.account, 10), [])
})

t.test('a flood of attempts fills neither the disk nor the log', async (t) => {
  const { trail, lines, pass } = await open(t)
  const throttled = (who: typeof alice) =>
    trail.record({ event: 'sign-in-throttled', ...who, address: '192.0.2.7' })
  for (let tries = 0; tries < 100; tries += 1) await throttled(alice)
  await throttled(bob)
  await written()
  t.equal(lines.length, 2)
  pass(60_000)
  await throttled(alice)
  await written()
  t.equal((await trail.list(alice.account, 10)).length, 2)
})

t.test('a clock that is set back keeps no attempt out of the trail', async (t) => {
  const { trail, pass } = await open(t)
  const throttled = () => trail.record({ event: 'sign-in-throttled', ...alice, address: '192.0.2.7' })
  await throttled()
  pass(-2 * 3_600_000)
  await throttled()
  await written()
  t.equal((await trail.list(alice.account, 10)).length, 2)
})

t.test('a flood from a whole IPv6 network fills neither', async (t) => {
  const { trail, lines } = await open(t)
  const from = (address: string) => trail.record({ event: 'sign-in-throttled', ...alice, address })
  for (let host = 1; host <= 100; host += 1) await from(`2001:db8::${host.toString(16)}`)
  await from('2001:db8:0:1::1')
  await written()
  t.equal(lines.length, 2)
})

t.test('a throttled attempt is recorded after the response, so timing reveals no name', async (t) => {
  const { trail, lines } = await open(t)
  await trail.record({ event: 'sign-in-throttled', ...alice, address: '192.0.2.7' })
  t.same([lines, await trail.list(alice.account, 10)], [[], []])
  await written()
  t.match(await trail.list(alice.account, 10), [{ event: 'sign-in-throttled' }])
})

t.test('if the database cannot store an event it is still logged', async (t) => {
  const { trail, lines, database } = await open(t)
  database.sqlite.exec('DROP TABLE audit')
  await trail.record({ event: 'sign-out', ...alice })
  await trail.sweep()
  t.match(lines, [
    { message: 'sign-out' },
    { message: 'The audit trail could not be written.', fields: { audit: alice } },
    { message: 'The audit trail could not be cleaned up.' }
  ])
})

/** Events are written after the response. */
async function written() {
  await new Promise(setImmediate)
  await new Promise(setImmediate)
}
