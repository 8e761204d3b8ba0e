import type { Test } from 'tap'
import type { Allowance, Counters, Limit } from '../../src/throttle/counters.ts'

/** Empty counters and their clock. */
export interface CountersUnderTest {
  readonly counters: Counters
  now(): number
  pass(milliseconds: number): void
}

const never = Number.POSITIVE_INFINITY
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const three: Allowance = { free: 3, max: never, decaysEvery: never, expiresAfter: hour }

export function limit(key: string, allowance: Allowance): Limit {
  return { key, allowance }
}

/** The contract of all counters: see src/throttle/counters.ts. */
export function countsByTheContract(t: Test, make: (t: Test) => Promise<CountersUnderTest>) {
  t.test('tries are counted one by one, by key', async (t) => {
    const { counters } = await make(t)
    t.same(await counters.take([limit('one', three)]), { ok: true, counts: [1] })
    t.same(await counters.take([limit('one', three)]), { ok: true, counts: [2] })
    t.same(await counters.take([limit('other', three)]), { ok: true, counts: [1] })
  })

  t.test(
    'the last free try shuts the door for a few seconds, and a refused one does not count',
    async (t) => {
      const { counters, now, pass } = await make(t)
      for (const count of [1, 2, 3])
        t.same(await counters.take([limit('key', three)]), { ok: true, counts: [count] })
      t.same(await counters.take([limit('key', three)]), { ok: false, until: now() + 10 * second })
      pass(10 * second - 1)
      t.match(await counters.take([limit('key', three)]), { ok: false })
      pass(1)
      t.same(await counters.take([limit('key', three)]), { ok: true, counts: [4] })
    }
  )

  t.test('of many at the same moment only the free ones get through', async (t) => {
    const { counters } = await make(t)
    const taken = await Promise.all(Array.from({ length: 50 }, () => counters.take([limit('key', three)])))
    t.equal(taken.filter(({ ok }) => ok).length, 3)
  })

  t.test(
    'a wrong try holds the next one up, to the millisecond, and never shorter than another',
    async (t) => {
      const { counters, now, pass } = await make(t)
      await counters.take([limit('key', three)])
      const until = now() + minute
      await counters.backOff('key', until)
      await counters.backOff('key', until - 1000)
      t.same(await counters.take([limit('key', three)]), { ok: false, until })
      pass(minute - 1)
      t.match(await counters.take([limit('key', three)]), { ok: false })
      pass(1)
      t.same(await counters.take([limit('key', three)]), { ok: true, counts: [2] })
    }
  )

  t.test('what is given back does not count, and opens the door it shut', async (t) => {
    const { counters } = await make(t)
    for (let tries = 0; tries < 3; tries += 1) await counters.take([limit('key', three)])
    await counters.release([limit('key', three)])
    t.same(await counters.take([limit('key', three)]), { ok: true, counts: [3] })
    for (let tries = 0; tries < 5; tries += 1) await counters.release([limit('key', three)])
    t.same(await counters.take([limit('key', three)]), { ok: true, counts: [1] }, 'never less than none')
  })

  t.test('a reset forgets everything, and what follows for an earlier try changes nothing', async (t) => {
    const { counters, now } = await make(t)
    for (let tries = 0; tries < 3; tries += 1) await counters.take([limit('key', three)])
    await counters.release([], ['key'])
    await counters.backOff('key', now() + minute)
    await counters.release([limit('key', three)])
    t.same(await counters.take([limit('key', three)]), { ok: true, counts: [1] })
  })

  t.test('beyond the most there is no waiting, only a reset', async (t) => {
    const { counters, pass } = await make(t)
    const two = { ...three, free: never, max: 2, expiresAfter: 24 * hour }
    await counters.take([limit('key', two)])
    await counters.take([limit('key', two)])
    t.same(await counters.take([limit('key', two)]), { ok: false, until: never })
    pass(23 * hour)
    t.same(await counters.take([limit('key', two)]), { ok: false, until: never })
    await counters.release([], ['key'])
    t.match(await counters.take([limit('key', two)]), { ok: true })
  })

  t.test('who never waits is let through where others are held up, and leaves that as it is', async (t) => {
    const { counters, now } = await make(t)
    await counters.take([limit('key', three)])
    const until = now() + minute
    await counters.backOff('key', until)
    t.same(await counters.take([limit('key', { ...three, free: never })]), { ok: true, counts: [2] })
    t.same(await counters.take([limit('key', three)]), { ok: false, until })
  })

  t.test('one after another is forgotten where that is meant', async (t) => {
    const { counters, pass } = await make(t)
    const forgetful = { ...three, decaysEvery: minute }
    await counters.take([limit('key', forgetful)])
    await counters.take([limit('key', forgetful)])
    pass(90 * second)
    t.same(await counters.take([limit('key', forgetful)]), { ok: true, counts: [1.5] })
    pass(10 * minute)
    t.same(await counters.take([limit('key', forgetful)]), { ok: true, counts: [1] }, 'never less than none')
  })

  t.test('a fraction that is forgotten lets no one more through', async (t) => {
    const { counters, pass } = await make(t)
    const forgetful = { ...three, decaysEvery: minute }
    for (let tries = 0; tries < 3; tries += 1) {
      pass(second)
      t.match(await counters.take([limit('key', forgetful)]), { ok: true })
    }
    pass(second)
    t.match(await counters.take([limit('key', forgetful)]), { ok: false })
  })

  t.test('a try counts in all of its counters or in none', async (t) => {
    const { counters, now } = await make(t)
    const several = ['one', 'two', 'three'].map((key) => limit(key, three))
    t.same(await counters.take(several), { ok: true, counts: [1, 1, 1] })
    const until = now() + minute
    await counters.backOff('two', until)
    t.same(await counters.take(several), { ok: false, until }, 'the one that refuses says until when')
    t.same(await counters.take([limit('one', three)]), { ok: true, counts: [2] })
    t.same(await counters.take([limit('three', three)]), { ok: true, counts: [2] })
  })

  t.test(
    'of many at the same moment no counter lets through more than its own, whatever the others',
    async (t) => {
      const { counters } = await make(t)
      const shared = limit('shared', three)
      const tries = Array.from({ length: 30 }, (_, n) => counters.take([limit(`own ${n}`, three), shared]))
      const taken = (await Promise.all(tries)).map(({ ok }) => ok)
      t.equal(taken.filter(Boolean).length, 3)
      for (const [n, isTaken] of taken.entries()) {
        const again = await counters.take([limit(`own ${n}`, three)])
        t.same(again, { ok: true, counts: [isTaken ? 2 : 1] }, 'whoever was refused was charged nowhere')
      }
    }
  )

  t.test('some are given back and others forget all, in one step', async (t) => {
    const { counters } = await make(t)
    const [shared, own] = [limit('shared', three), limit('own', three)]
    for (let tries = 0; tries < 2; tries += 1) await counters.take([shared, own])
    await counters.release([shared], [own.key])
    t.same(await counters.take([shared, own]), { ok: true, counts: [2, 1] })
  })
}
