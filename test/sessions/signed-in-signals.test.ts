import { execFileSync } from 'node:child_process'
import t, { type Test } from 'tap'
import { SignedInSignals } from '../../src/sessions/signed-in-signals.ts'
import { moduleUrl } from '../processes.ts'
import { eventually } from '../servers/eventually.ts'
import { cookie, hour, minute, openSessions } from './open-sessions.ts'

/** Signals over sessions in the embedded database, which tick often, and counts of what they do. */
async function open(
  t: Test,
  { notifies = true, file = `${t.testdir()}/sessions.db`, everyMilliseconds = 5 } = {}
) {
  const opened = await openSessions(t, { file, isCached: true })
  const { sessions, store, now } = opened
  const counts = { looks: 0, ticks: 0 }
  /** Looks that fail: so many, or all of them. */
  const fault: { error?: Error; times: number } = { times: Number.POSITIVE_INFINITY }
  const signals = new SignedInSignals({
    store: notifies
      ? {
          tellChanges: (changed) => {
            const changes = store.tellChanges?.(changed)
            return { isCurrent: () => ++counts.ticks > 0 && changes?.isCurrent() === true }
          }
        }
      : {},
    look: async (key) => {
      counts.looks += 1
      if (fault.error && fault.times-- > 0) throw fault.error
      return sessions.look(key)
    },
    now,
    everyMilliseconds
  })
  t.teardown(() => signals.close())
  const begin = async (id: string, user = 'alice') => {
    await sessions.create(id, { user, cookie })
    return signals.watch(sessions.addressOf(id).key, `name:${user}`)
  }
  /** Waits until they have looked where they have to. */
  const settled = async () => {
    const { ticks, looks } = counts
    await eventually(
      'two more ticks',
      () => counts.ticks > ticks + 1 || (!notifies && counts.looks > looks + 1)
    )
  }
  return { ...opened, file, signals, begin, counts, settled, fault }
}

/** Waits until it aborts. @returns the code of the reason */
async function endOf(signal: AbortSignal): Promise<string> {
  // An open signal alone keeps no process running.
  await eventually('the end', () => signal.aborted)
  return signal.reason.code
}

for (const notifies of [true, false]) {
  const where = notifies ? 'a store that notifies' : 'a store that does not'
  t.test(`${where}: the end of a session aborts its signals, and no others`, async (t) => {
    const { sessions, begin, settled, signals, file } = await open(t, { notifies })
    const [one, other, bob] = [await begin('one'), await begin('other'), await begin('bobs', 'bob')]
    const again = signals.watch(sessions.addressOf('one').key, 'name:alice')
    await sessions.revoke('one')
    t.equal(await endOf(one.signal), 'LATCHKEY_SESSION_ENDED')
    t.equal(await endOf(again.signal), 'LATCHKEY_SESSION_ENDED')

    const elsewhere = await openSessions(t, { file })
    await settled()
    await elsewhere.sessions.revokeAllOf({ id: 'name:alice', name: 'alice' })
    t.equal(await endOf(other.signal), 'LATCHKEY_SESSION_ENDED', 'by another process')
    await settled()
    t.notOk(bob.signal.aborted)
    await elsewhere.sessions.revoke('bobs')
    t.equal(await endOf(bob.signal), 'LATCHKEY_SESSION_ENDED')
    t.equal(signals.size, 0)
  })

  t.test(`${where}: a session that ended before it was watched aborts too`, async (t) => {
    const { signals } = await open(t, { notifies })
    t.equal(await endOf(signals.watch('no key', 'name:alice').signal), 'LATCHKEY_SESSION_ENDED')
  })

  t.test(`${where}: the idle timeout and the absolute lifetime abort`, async (t) => {
    const { sessions, begin, at, settled } = await open(t, { notifies })
    const [used, unused] = [await begin('used'), await begin('unused')]
    at(20 * minute)
    await sessions.find('used')
    await settled()
    at(31 * minute)
    t.equal(await endOf(unused.signal), 'LATCHKEY_SESSION_EXPIRED')
    await settled()
    t.notOk(used.signal.aborted)
    for (let minutes = 45; minutes < 12 * 60; minutes += 25) {
      at(minutes * minute)
      await sessions.find('used')
      await settled()
      t.notOk(used.signal.aborted, `${minutes}`)
    }
    at(12 * hour)
    t.equal(await endOf(used.signal), 'LATCHKEY_SESSION_EXPIRED')
  })

  t.test(`${where}: a change aborts if the session is somebody else’s then`, async (t) => {
    const { sessions, begin, settled } = await open(t, { notifies })
    const { signal } = await begin('one')
    const before = await sessions.load('one')
    if (!before) return t.fail('no session')
    const changed = await sessions.update('one', { before, after: { ...before, cart: ['milk'] } })
    await settled()
    t.notOk(signal.aborted)
    if (!changed) return t.fail('no change')
    await sessions.update('one', { before: changed, after: { ...changed, user: 'bob' } })
    t.equal(await endOf(signal), 'LATCHKEY_SESSION_ENDED')
  })

  t.test(`${where}: a store that does not answer aborts after about five seconds, not before`, async (t) => {
    const { begin, signals, counts, settled, fault, sessions } = await open(t, { notifies })
    const { signal } = await begin('one')
    await settled()
    const change = await changeOf(sessions, 'one')
    const { looks } = counts
    fault.error = new Error('away')
    // Where it notifies, there has to be a reason to look.
    await sessions.update('one', change)
    t.equal(await endOf(signal), 'LATCHKEY_SESSION_UNKNOWN')
    t.ok(counts.looks - looks >= 5, `${counts.looks - looks} times`)
    t.equal(signals.size, 0)
  })
}

async function changeOf(sessions: Awaited<ReturnType<typeof open>>['sessions'], id: string) {
  const before = await sessions.load(id)
  if (!before) throw new Error('There is no such session.')
  return { before, after: { ...before, n: Number(before.n ?? 0) + 1 } }
}

t.test('a store that is back within five seconds aborts nothing', async (t) => {
  const { begin, settled, fault } = await open(t, { notifies: false })
  const { signal } = await begin('one')
  for (let time = 0; time < 5; time += 1) {
    fault.error = new Error('away')
    fault.times = 3
    await eventually('three looks without an answer', () => fault.times < 0)
    await settled()
  }
  t.notOk(signal.aborted)
})

t.test('ten thousand signals ask nothing while nothing changes, and leave nothing', async (t) => {
  const { sessions, begin, counts, settled, signals } = await open(t, { everyMilliseconds: 200 })
  const watches = [await begin('one'), await begin('other')]
  for (let n = 0; n < 10_000; n += 1) watches.push(signals.watch(sessions.addressOf('one').key, 'name:alice'))
  await eventually('a look at each', () => counts.looks >= watches.length)
  await eventually('nothing more to look at', async () => {
    const { looks } = counts
    await settled()
    return counts.looks === looks
  })
  const { looks } = counts
  await settled()
  t.equal(counts.looks, looks)
  for (const { stop } of watches.slice(1)) stop()
  t.equal(signals.size, 1)
  await sessions.revoke('one')
  t.equal(await endOf(watches[0]?.signal as AbortSignal), 'LATCHKEY_SESSION_ENDED')
  t.equal(signals.size, 0)
  t.notOk(
    watches.slice(1).some(({ signal }) => signal.aborted),
    'those were given up'
  )
  const { ticks } = counts
  await sessions.find('other')
  await begin('third')
  await eventually('a tick of the new timer', () => counts.ticks > ticks)
})

t.test('an open signal keeps no process from its end', (t) => {
  const program = `
    const { openSqlite } = await import(${moduleUrl('src/database/sqlite.ts')})
    const { SqliteStore } = await import(${moduleUrl('src/sessions/stores/sqlite-store.ts')})
    const { Sessions } = await import(${moduleUrl('src/sessions/sessions.ts')})
    const store = new SqliteStore((await openSqlite(':memory:', 10_000)).sqlite)
    const lifetimes = { idle: 1e6, absolute: 1e6, rememberIdle: 1e6, rememberAbsolute: 1e6 }
    const sessions = new Sessions({ store, lifetimes, ids: 'hashed' })
    await sessions.create('one', { user: 'alice', cookie: { originalMaxAge: null } })
    sessions.signals.watch(sessions.addressOf('one').key, 'name:alice')
    process.stdout.write('open: ' + sessions.signals.size)`
  t.equal(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }),
    'open: 1'
  )
  t.end()
})
