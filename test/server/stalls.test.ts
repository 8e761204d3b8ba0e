import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { watchStalls } from '../../src/server/stalls.ts'

function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

t.test('one stall is told, and does not go on', async (t) => {
  const told: number[] = []
  const stalls = watchStalls({ maxStall: 300, onStall: (seconds) => told.push(seconds) })
  t.teardown(() => stalls.stop())
  standStill(700)
  while (told.length === 0) await turn()
  t.ok((told[0] ?? 0) >= 0.5, 'how long it was')
  t.equal(stalls.goesOn, false)
})

t.test('stalls one after the other go on, until there is a pause', async (t) => {
  const stalls = watchStalls({ maxStall: 300 })
  t.teardown(() => stalls.stop())
  while (!stalls.goesOn) {
    standStill(500)
    await turn()
  }
  while (stalls.goesOn) await turn()
  t.pass('it is over when nothing stands still any more')
})
