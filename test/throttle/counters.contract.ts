import type { Test } from 'tap'
import type { Allowance, Counters, Limit } from '../../src/throttle/counters.ts'

/** Empty counters and their clock. */
export interface CountersUnderTest {
  readonly counters: Counters
  now(): number
  pass(milliseconds: number): void
  /** What runs by itself every minute. */
  sweep?(): void
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
  t.test('attempts are counted one by one, by key', async (t) => {
    const { counters } = await make(t)
    t.same(await counters.take([limit('one', three)]), { ok: true, counts: [1] })
    t.same(await counters.take([limit('one', three)]), { ok: true, counts: [2] })
    t.same(await counters.take([limit('other', three)]), { ok: true, counts: [1] })
  })

  t.test(
    'the last free attempt blocks the key for a few seconds, and a refused one does not count',
    async (t) => {
      const { counters, now, pass } = await make(t)
      for (const count of [1, 2, 3])
        t.same(await counters.take([limit('key', three)]), { ok: true, counts: [count] })
      t.same(await counters.take([limit('key', three)]), {
        ok: false,
        until: now() + 10 * second,
        key: 'key'
      })
      pass(10 * second - 1)
      t.match(await counters.take([limit('key', three)]), { ok: false })
      pass(1)
      t.same(await counters.take([limit('key', three)]), { ok: true, counts: [4] })
    }
  )

  t.test('only the free ones of many concurrent attempts pass', async (t) => {
    const { counters } = await make(t)
    const taken = await Promise.all(Array.from({ length: 50 }, () => counters.take([limit('key', three)])))
    t.equal(taken.filter(({ ok }) => ok).length, 3)
  })

  t.test(
    'a failed attempt delays the next, to the millisecond, and never shortens another delay',
    async (t) => {
      const { counters, now, pass } = await make(t)
      await counters.take([limit('key', three)])
      const until = now() + minute
      await counters.backOff('key', until)
      await counters.backOff('key', until - 1000)
      t.same(await counters.take([limit('key', three)]), { ok: false, until, key: 'key' })
      pass(minute - 1)
      t.match(await counters.take([limit('key', three)]), { ok: false })
      pass(1)
      t.same(await counters.take([limit('key', three)]), { ok: true, counts: [2] })
    }
  )

  t.test('what a clock that was ahead has written is moved back by as much', async (t) => {
    const { counters, now, pass, sweep } = await make(t)
    pass(2 * hour)
    for (let count = 1; count <= 3; count++) await counters.take([limit('key', three)])
    const decaying = { ...three, free: never, decaysEvery: minute }
    await counters.take([limit('other', decaying)])
    pass(-2 * hour)
    sweep?.()
    t.same(await counters.take([limit('key', three)]), { ok: false, until: now() + 10 * second, key: 'key' })
    t.same(await counters.take([limit('other', decaying)]), { ok: true, counts: [2] }, 'counted as it was')
    pass(10 * second)
    t.same(await counters.take([limit('key', three)]), { ok: true, counts: [4] })
  })

  t.test('a released attempt does not count and ends the block it caused', async (t) => {
    const { counters } = await make(t)
    for (let tries = 0; tries < 3; tries += 1) await counters.take([limit('key', three)])
    await counters.release([limit('key', three)])
    t.same(await counters.take([limit('key', three)]), { ok: true, counts: [3] })
    for (let tries = 0; tries < 5; tries += 1) await counters.release([limit('key', three)])
    t.same(await counters.take([limit('key', three)]), { ok: true, counts: [1] }, 'never below zero')
  })

  t.test('a reset forgets everything, and an earlier attempt then changes nothing', async (t) => {
    const { counters, now } = await make(t)
    for (let tries = 0; tries < 3; tries += 1) await counters.take([limit('key', three)])
    await counters.release([], ['key'])
    await counters.backOff('key', now() + minute)
    await counters.release([limit('key', three)])
    t.same(await counters.take([limit('key', three)]), { ok: true, counts: [1] })
  })

  t.test('above the maximum only a reset helps, not waiting', async (t) => {
    const { counters, pass } = await make(t)
    const two = { ...three, free: never, max: 2, expiresAfter: 24 * hour }
    await counters.take([limit('key', two)])
    await counters.take([limit('key', two)])
    t.same(await counters.take([limit('key', two)]), { ok: false, until: never, key: 'key' })
    pass(23 * hour)
    t.same(await counters.take([limit('key', two)]), { ok: false, until: never, key: 'key' })
    await counters.release([], ['key'])
    t.match(await counters.take([limit('key', two)]), { ok: true })
  })

  t.test('a limit of attempts that expire refuses until the next one expires', async (t) => {
    const { counters, now, pass } = await make(t)
    const two = { free: never, max: 2, decaysEvery: minute, expiresAfter: hour }
    await counters.take([limit('key', two)])
    await counters.take([limit('key', two)])
    t.same(await counters.take([limit('key', two)]), { ok: false, until: now() + minute, key: 'key' })
    pass(45 * second)
    t.same(await counters.take([limit('key', two)]), { ok: false, until: now() + 15 * second, key: 'key' })
    pass(15 * second)
    t.same(await counters.take([limit('key', two)]), { ok: true, counts: [2] })
    t.same(await counters.take([limit('key', two)]), { ok: false, until: now() + minute, key: 'key' })
  })

  t.test('a limit without waits passes a delayed key and keeps the delay for others', async (t) => {
    const { counters, now } = await make(t)
    await counters.take([limit('key', three)])
    const until = now() + minute
    await counters.backOff('key', until)
    t.same(await counters.take([limit('key', { ...three, free: never })]), { ok: true, counts: [2] })
    t.same(await counters.take([limit('key', three)]), { ok: false, until, key: 'key' })
    await counters.release([limit('key', { ...three, free: never })])
    t.same(await counters.take([limit('key', three)]), { ok: false, until, key: 'key' }, 'also when released')
  })

  t.test('counts decay one by one if the limit says so', async (t) => {
    const { counters, pass } = await make(t)
    const forgetful = { ...three, decaysEvery: minute }
    await counters.take([limit('key', forgetful)])
    await counters.take([limit('key', forgetful)])
    pass(90 * second)
    t.same(await counters.take([limit('key', forgetful)]), { ok: true, counts: [1.5] })
    pass(10 * minute)
    t.same(await counters.take([limit('key', forgetful)]), { ok: true, counts: [1] }, 'never below zero')
  })

  t.test('a partly decayed attempt lets no further one pass', async (t) => {
    const { counters, pass } = await make(t)
    const forgetful = { ...three, decaysEvery: minute }
    for (let tries = 0; tries < 3; tries += 1) {
      pass(second)
      t.match(await counters.take([limit('key', forgetful)]), { ok: true })
    }
    pass(second)
    t.match(await counters.take([limit('key', forgetful)]), { ok: false })
  })

  t.test('an attempt counts in all its counters or in none', async (t) => {
    const { counters, now } = await make(t)
    const several = ['one', 'two', 'three'].map((key) => limit(key, three))
    t.same(await counters.take(several), { ok: true, counts: [1, 1, 1] })
    const until = now() + minute
    await counters.backOff('two', until)
    t.same(
      await counters.take(several),
      { ok: false, until, key: 'two' },
      'the refusing counter says until when'
    )
    t.same(await counters.take([limit('one', three)]), { ok: true, counts: [2] })
    t.same(await counters.take([limit('three', three)]), { ok: true, counts: [2] })
  })

  t.test('of many concurrent attempts each counter passes only its own limit', async (t) => {
    const { counters } = await make(t)
    const shared = limit('shared', three)
    const tries = Array.from({ length: 30 }, (_, n) => counters.take([limit(`own ${n}`, three), shared]))
    const taken = (await Promise.all(tries)).map(({ ok }) => ok)
    t.equal(taken.filter(Boolean).length, 3)
    for (const [n, isTaken] of taken.entries()) {
      const again = await counters.take([limit(`own ${n}`, three)])
      t.same(again, { ok: true, counts: [isTaken ? 2 : 1] }, 'a refused attempt counts nowhere')
    }
  })

  t.test('releasing some counters and resetting others is one step', async (t) => {
    const { counters } = await make(t)
    const [shared, own] = [limit('shared', three), limit('own', three)]
    for (let tries = 0; tries < 2; tries += 1) await counters.take([shared, own])
    await counters.release([shared], [own.key])
    t.same(await counters.take([shared, own]), { ok: true, counts: [2, 1] })
  })
}
