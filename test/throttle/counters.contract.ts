import type { Test } from 'tap'
import type { Allowance, Counters } from '../../src/throttle/counters.ts'

/** Counters that nothing was counted in, and their clock. */
export interface CountersUnderTest {
  readonly counters: Counters
  now(): number
  pass(milliseconds: number): void
}

const never = Number.POSITIVE_INFINITY
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const three: Allowance = { free: 3, most: never, forgetsOneEvery: never, keptFor: hour }

/** What all counters promise: see src/throttle/counters.ts. */
export function countsByTheContract(t: Test, make: (t: Test) => Promise<CountersUnderTest>) {
  t.test('tries are counted one by one, by key', async (t) => {
    const { counters } = await make(t)
    t.same(await counters.take('one', three), { ok: true, count: 1 })
    t.same(await counters.take('one', three), { ok: true, count: 2 })
    t.same(await counters.take('other', three), { ok: true, count: 1 })
  })

  t.test(
    'the last free try shuts the door for a few seconds, and a refused one does not count',
    async (t) => {
      const { counters, now, pass } = await make(t)
      for (const count of [1, 2, 3]) t.same(await counters.take('key', three), { ok: true, count })
      t.same(await counters.take('key', three), { ok: false, until: now() + 10 * second })
      pass(10 * second - 1)
      t.match(await counters.take('key', three), { ok: false })
      pass(1)
      t.same(await counters.take('key', three), { ok: true, count: 4 })
    }
  )

  t.test('of many at the same moment only the free ones get through', async (t) => {
    const { counters } = await make(t)
    const taken = await Promise.all(Array.from({ length: 50 }, () => counters.take('key', three)))
    t.equal(taken.filter(({ ok }) => ok).length, 3)
  })

  t.test(
    'a wrong try holds the next one up, to the millisecond, and never shorter than another',
    async (t) => {
      const { counters, now, pass } = await make(t)
      await counters.take('key', three)
      const until = now() + minute
      await counters.hold('key', until)
      await counters.hold('key', until - 1000)
      t.same(await counters.take('key', three), { ok: false, until })
      pass(minute - 1)
      t.match(await counters.take('key', three), { ok: false })
      pass(1)
      t.same(await counters.take('key', three), { ok: true, count: 2 })
    }
  )

  t.test('what is given back does not count, and opens the door it shut', async (t) => {
    const { counters } = await make(t)
    for (let tries = 0; tries < 3; tries += 1) await counters.take('key', three)
    await counters.giveBack('key', three)
    t.same(await counters.take('key', three), { ok: true, count: 3 })
    for (let tries = 0; tries < 5; tries += 1) await counters.giveBack('key', three)
    t.same(await counters.take('key', three), { ok: true, count: 1 }, 'never less than none')
  })

  t.test('a reset forgets everything, and what follows for an earlier try changes nothing', async (t) => {
    const { counters, now } = await make(t)
    for (let tries = 0; tries < 3; tries += 1) await counters.take('key', three)
    await counters.reset('key')
    await counters.hold('key', now() + minute)
    await counters.giveBack('key', three)
    t.same(await counters.take('key', three), { ok: true, count: 1 })
  })

  t.test('beyond the most there is no waiting, only a reset', async (t) => {
    const { counters, pass } = await make(t)
    const two = { ...three, free: never, most: 2, keptFor: 24 * hour }
    await counters.take('key', two)
    await counters.take('key', two)
    t.same(await counters.take('key', two), { ok: false, until: never })
    pass(23 * hour)
    t.same(await counters.take('key', two), { ok: false, until: never })
    await counters.reset('key')
    t.match(await counters.take('key', two), { ok: true })
  })

  t.test('who never waits is let through where others are held up, and leaves that as it is', async (t) => {
    const { counters, now } = await make(t)
    await counters.take('key', three)
    const until = now() + minute
    await counters.hold('key', until)
    t.same(await counters.take('key', { ...three, free: never }), { ok: true, count: 2 })
    t.same(await counters.take('key', three), { ok: false, until })
  })

  t.test('one after another is forgotten where that is meant', async (t) => {
    const { counters, pass } = await make(t)
    const forgetful = { ...three, forgetsOneEvery: minute }
    await counters.take('key', forgetful)
    await counters.take('key', forgetful)
    pass(90 * second)
    t.same(await counters.take('key', forgetful), { ok: true, count: 1.5 })
    pass(10 * minute)
    t.same(await counters.take('key', forgetful), { ok: true, count: 1 }, 'never less than none')
  })

  t.test('a fraction that is forgotten lets no one more through', async (t) => {
    const { counters, pass } = await make(t)
    const forgetful = { ...three, forgetsOneEvery: minute }
    for (let tries = 0; tries < 3; tries += 1) {
      pass(second)
      t.match(await counters.take('key', forgetful), { ok: true })
    }
    pass(second)
    t.match(await counters.take('key', forgetful), { ok: false })
  })
}
