import fc from 'fast-check'
import t from 'tap'
import { neverBack } from '../../src/primitives/clock.ts'

const start = Date.UTC(2026, 0, 2)

t.test('it is the clock of the machine as long as that goes forward', async (t) => {
  let [wall, elapsed] = [start, 0]
  const clock = neverBack(
    () => wall,
    () => elapsed
  )
  t.equal(clock(), start)
  elapsed += 1000
  wall += 1000
  t.equal(clock(), start + 1000)
  // A machine that was suspended: its monotonic clock stood still.
  wall += 3_600_000
  t.equal(clock(), start + 3_601_000)
})

t.test('it never goes back, and no slower than time', async () => {
  const step = fc.record({ passed: fc.nat(10_000), set: fc.integer({ min: -1e7, max: 1e7 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let [wall, elapsed] = [start, 0.5]
      const clock = neverBack(
        () => wall,
        () => elapsed
      )
      let last = clock()
      for (const { passed, set } of steps) {
        elapsed += passed
        wall += passed + set
        const now = clock()
        if (now < last + passed - 1 || now < wall) return false
        last = now
      }
      return true
    }),
    { numRuns: 200 }
  )
})
