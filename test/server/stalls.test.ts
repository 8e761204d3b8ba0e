import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { watchStalls } from '../../src/server/stalls.ts'

/** A watch with a clock that the test moves. */
function watch(t: Test, maxStall = 300) {
  let time = 0
  const told: number[] = []
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const stalls = watchStalls({ maxStall, onStall: (seconds) => told.push(seconds), now: () => time })
  t.teardown(() => stalls.stop())
  /** A turn of the event loop with this delay. */
  const turn = (late: number) => {
    time += 100 + late
    mock.timers.tick(100)
  }
  return { stalls, told, turn }
}

t.test('one stall is reported but does not count as overload', async (t) => {
  const { stalls, told, turn } = watch(t)
  turn(0)
  turn(99)
  t.same(told, [], 'a short delay is no stall')
  turn(5000)
  t.same(told, [5])
  t.equal(stalls.goesOn, false)
})

t.test('consecutive stalls count as overload until there is a pause', async (t) => {
  const { stalls, turn } = watch(t)
  turn(301)
  turn(300)
  t.equal(stalls.goesOn, false, 'exactly the allowed delay is no stall')
  turn(301)
  turn(301)
  t.equal(stalls.goesOn, true)
  turn(0)
  t.equal(stalls.goesOn, false)
})
