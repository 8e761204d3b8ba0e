import fc from 'fast-check'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { neverBack } from '../../src/primitives/clock.ts'
import { CachedStore } from '../../src/sessions/cache/cached-store.ts'
import { SqliteInvalidation } from '../../src/sessions/cache/sqlite-invalidation.ts'
import type { SessionLifetimes } from '../../src/sessions/lifetimes.ts'
import { touchInterval } from '../../src/sessions/lifetimes.ts'
import type { SessionRecord } from '../../src/sessions/session-record.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { patience } from '../servers/patience.ts'
import { hour, second, start } from './open-sessions.ts'

const lifetimes: SessionLifetimes = {
  idle: 5 * second,
  absolute: 60 * second,
  rememberIdle: 20 * second,
  rememberAbsolute: 120 * second
}

/** A machine whose clock is set: `passes` lets real time go by, `set` moves the clock alone. */
function machine() {
  let [wall, elapsed] = [start, 0]
  return {
    clock: () =>
      neverBack(
        () => wall,
        () => elapsed
      ),
    passes(milliseconds: number) {
      wall += milliseconds
      elapsed += milliseconds
    },
    set(milliseconds: number) {
      wall += milliseconds
    },
    elapsed: () => elapsed
  }
}

const kinds: Record<string, SessionRecord> = {
  ordinary: { cookie: { originalMaxAge: null }, user: 'alice' },
  remembered: { cookie: { originalMaxAge: 120 * second }, user: 'alice', remember: true },
  'with a maxAge of its own': { cookie: { originalMaxAge: 3 * second }, user: 'alice' }
}

const limits: Record<string, { idle: number; absolute: number }> = {
  ordinary: { idle: lifetimes.idle, absolute: lifetimes.absolute },
  remembered: { idle: lifetimes.rememberIdle, absolute: lifetimes.rememberAbsolute },
  'with a maxAge of its own': { idle: 3 * second, absolute: lifetimes.absolute }
}

async function onMachine(t: Test) {
  const database = await openSqlite(':memory:', patience)
  t.teardown(() => database.close())
  /** A process with a cache of its own that starts now. */
  const started = (now: () => number) => {
    const store = new SqliteStore(database.sqlite, now)
    t.teardown(() => store.close())
    const invalidation = new SqliteInvalidation(database.sqlite)
    return new Sessions({
      store: new CachedStore({ store, invalidation, maxEntries: 10 }),
      lifetimes,
      ids: 'hashed',
      now
    })
  }
  const rows = () => database.sqlite.prepare('SELECT key FROM sessions').all().length
  return { started, rows }
}

for (const [kind, record] of Object.entries(kinds)) {
  t.test(`however the clock is set, a session ends in time: ${kind}`, async (t) => {
    const { started } = await onMachine(t)
    const { idle, absolute } = limits[kind] as { idle: number; absolute: number }
    const late = touchInterval(record, lifetimes)
    // Seldom far ahead, which ends every session.
    const set = fc.oneof(
      { arbitrary: fc.constant(0), weight: 6 },
      { arbitrary: fc.integer({ min: -3 * hour, max: 2 * second }), weight: 3 },
      { arbitrary: fc.integer({ min: 0, max: 3 * hour }), weight: 1 }
    )
    const step = fc.record({ passes: fc.nat(4000), set })
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const id = `run ${runs++}`
        const { clock, passes, set, elapsed } = machine()
        const sessions = started(clock())
        await sessions.create(id, record)
        let [usedAt, isOver] = [0, false]
        for (const one of steps) {
          passes(one.passes)
          set(one.set)
          const isOpen = (await sessions.find(id)) !== undefined
          if (isOpen && isOver) throw new Error('it opened again')
          if (isOpen && elapsed() - usedAt > idle + late) throw new Error('it was not used for too long')
          if (isOpen && elapsed() > absolute + late) throw new Error('it is too old')
          if (isOpen) usedAt = elapsed()
          else isOver = true
        }
      }),
      { numRuns: 60 }
    )
  })
}

t.test('the clock was two hours ahead and is set right while sessions are open', async (t) => {
  const { clock, passes, set } = machine()
  const { started, rows } = await onMachine(t)
  set(2 * hour)
  const sessions = started(clock())
  for (const id of ['used', 'unused']) await sessions.create(id, kinds.ordinary as SessionRecord)
  await sessions.find('used')
  set(-2 * hour)
  for (let n = 0; n < 14; n++) {
    passes(4 * second)
    t.ok(await sessions.find('used'), `${(n + 1) * 4} seconds`)
  }
  t.equal(await sessions.find('unused'), undefined)
  passes(4 * second)
  t.equal(await sessions.find('used'), undefined, 'the lifetime is 60 seconds')
  t.equal(rows(), 0)
})

t.test('what was found to be over does not open again, in no process, cached or not', async (t) => {
  const { clock, passes, set } = machine()
  const { started, rows } = await onMachine(t)
  const sessions = started(clock())
  for (const id of ['cached', 'stored', 'ended', 'all']) {
    await sessions.create(id, { ...kinds.ordinary, user: id } as SessionRecord)
  }
  await sessions.find('cached')
  set(2 * hour)
  t.equal(await sessions.find('cached'), undefined)
  t.equal(await started(clock()).find('stored'), undefined)
  t.equal(await sessions.revoke('ended'), false)
  t.equal(await sessions.revokeAllOf({ id: 'name:all', name: 'all' }), 0)
  set(-2 * hour)
  passes(second)
  const restarted = started(clock())
  for (const id of ['cached', 'stored', 'ended', 'all']) t.equal(await restarted.find(id), undefined, id)
  t.equal(rows(), 0)
})

t.test('a process that starts when the clock was set back believes nothing of the future', async (t) => {
  const { clock, passes, set } = machine()
  const { started } = await onMachine(t)
  set(2 * hour)
  const before = started(clock())
  const proofs = { accountProofs: before.proofs.justNow(['password']) }
  for (const id of ['used', 'unused'])
    await before.create(id, { ...kinds.ordinary, ...proofs } as SessionRecord)
  set(-2 * hour)
  const sessions = started(clock())
  const found = await sessions.load('used')
  t.same(found?.startedAt, start, 'it started now at the latest')
  t.same(found?.accountProofs, undefined, 'and was not proved')
  t.match(await sessions.summaryOf('unused'), { startedAt: new Date(start), seenAt: new Date(start) })
  for (let n = 0; n < 14; n++) {
    passes(4 * second)
    t.ok(await sessions.find('used'), `${(n + 1) * 4} seconds`)
  }
  t.equal(await sessions.find('unused'), undefined)
  passes(4 * second)
  t.equal(await sessions.find('used'), undefined)
})

t.test('a clock that is a little ahead elsewhere moves nothing', async (t) => {
  const { clock, set } = machine()
  const { started } = await onMachine(t)
  const here = clock()
  here()
  set(400)
  await started(clock()).create('id', kinds.ordinary as SessionRecord)
  set(-400)
  t.match(await started(here).load('id'), { startedAt: start + 400 })
})
