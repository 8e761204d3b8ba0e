import t from 'tap'
import { Bulkhead } from '../../src/accounts/bulkhead.ts'
import { BusyError } from '../../src/errors/errors.ts'

/** Tasks that end when the test says so. */
function makeWork() {
  const begun: number[] = []
  const endings: (() => void)[] = []
  const work = (number: number) => () => {
    begun.push(number)
    return new Promise<number>((resolve) => endings.push(() => resolve(number)))
  }
  const endOldest = async () => {
    endings.shift()?.()
    await settled()
  }
  return { begun, work, endOldest }
}

/** Every task that could start has started. */
const settled = () => new Promise(setImmediate)

t.test('a limited number of tasks run at once, and the others wait in order', async (t) => {
  const gate = new Bulkhead({ concurrent: 2, waiting: 10, maxWaitMilliseconds: 1000 })
  const { begun, work, endOldest } = makeWork()
  const results = Promise.all([1, 2, 3, 4, 5].map((number) => gate.run(work(number))))
  await settled()
  t.same(begun, [1, 2])
  await endOldest()
  t.same(begun, [1, 2, 3])
  await endOldest()
  t.same(begun, [1, 2, 3, 4])
  for (let left = 0; left < 3; left += 1) await endOldest()
  t.same(await results, [1, 2, 3, 4, 5])
})

t.test('when the queue is full the next task is refused at once and never starts', async (t) => {
  const gate = new Bulkhead({ concurrent: 1, waiting: 2, maxWaitMilliseconds: 1000 })
  const { begun, work, endOldest } = makeWork()
  const results = Promise.all([1, 2, 3].map((number) => gate.run(work(number))))
  await t.rejects(gate.run(work(4)), BusyError)
  await settled()
  await endOldest()
  const later = gate.run(work(5))
  for (let left = 0; left < 3; left += 1) await endOldest()
  t.same(await results, [1, 2, 3])
  t.equal(await later, 5, 'there is room again')
  t.same(begun, [1, 2, 3, 5])
})

t.test('a task that waits too long is refused, and those behind it go on', async (t) => {
  const gate = new Bulkhead({ concurrent: 1, waiting: 1, maxWaitMilliseconds: 50 })
  const { begun, work, endOldest } = makeWork()
  const first = gate.run(work(1))
  await t.rejects(gate.run(work(2)), { code: 'LATCHKEY_BUSY', retryAfterSeconds: 5 })
  const second = gate.run(work(3))
  await endOldest()
  // It cannot have waited as long as a later one.
  await t.rejects(gate.run(work(4)), BusyError)
  await endOldest()
  t.same(await Promise.all([first, second]), [1, 3], 'a task that has started is never refused')
  t.same(begun, [1, 3])
})

t.test('a failing task makes room too', async (t) => {
  const gate = new Bulkhead({ concurrent: 1, waiting: 1, maxWaitMilliseconds: 1000 })
  const failing = gate.run(() => Promise.reject(new Error('no')))
  const next = gate.run(async () => 'done')
  await t.rejects(failing, { message: 'no' })
  t.equal(await next, 'done')
  t.equal(await gate.run(async () => 'again'), 'again')
})
