import t from 'tap'
import { Bulkhead, type Kind } from '../../src/accounts/bulkhead.ts'
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

const somebody = { network: '192.0.2.7', account: 'alice' }

function makeBulkhead({ concurrent = 1, waiting = 10, maxWaitMilliseconds = 60_000 } = {}) {
  const bulkhead = new Bulkhead({
    concurrent,
    maxWaitMilliseconds,
    waiting: { verify: waiting, hash: waiting }
  })
  const run = <T>(work: () => Promise<T>, flow = somebody, kind: Kind = 'verify') =>
    bulkhead.run({ kind, flow, work })
  return { run }
}

/** Every task that could start has started. */
const settled = () => new Promise(setImmediate)

t.test('a limited number of tasks run at once, and the others wait in order', async (t) => {
  const gate = makeBulkhead({ concurrent: 2 })
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
  const gate = makeBulkhead({ waiting: 2 })
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
  const gate = makeBulkhead({ waiting: 1, maxWaitMilliseconds: 50 })
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
  const gate = makeBulkhead({ waiting: 1 })
  const failing = gate.run(() => Promise.reject(new Error('no')))
  const next = gate.run(async () => 'done')
  await t.rejects(failing, { message: 'no' })
  t.equal(await next, 'done')
  t.equal(await gate.run(async () => 'again'), 'again')
})

t.test('a flood from one network or for one account delays nobody else by more than a turn', async (t) => {
  const gate = makeBulkhead({ waiting: 300 })
  const { begun, work, endOldest } = makeWork()
  const results = [gate.run(work(0))]
  for (let n = 100; n < 200; n += 1) results.push(gate.run(work(n)))
  results.push(gate.run(work(1), { ...somebody, account: 'bob' }))
  results.push(gate.run(work(2), { network: '198.51.100.1', account: 'carol' }))
  for (let n = 0; n < 5; n += 1) await endOldest()
  t.same(begun, [0, 100, 2, 1, 101])
  while (begun.length < results.length) await endOldest()
  await endOldest()
  await Promise.all(results)
})

t.test('a newcomer to a full queue takes the last place of whoever has most', async (t) => {
  const gate = makeBulkhead({ waiting: 3 })
  const { begun, work, endOldest } = makeWork()
  const waiting = [1, 2, 3, 4].map((number) => gate.run(work(number)))
  const other = gate.run(work(5), { ...somebody, account: 'bob' })
  await t.rejects(waiting[3]!, BusyError, 'the last of them')
  await t.rejects(gate.run(work(6)), BusyError)
  for (let n = 0; n < 4; n += 1) await endOldest()
  t.same(begun, [1, 2, 5, 3])
  t.same(await Promise.all([...waiting.slice(0, 3), other]), [1, 2, 3, 5])
})

t.test('new passwords and sign-ins take turns, and neither fills the queue of the other', async (t) => {
  const gate = makeBulkhead({ waiting: 3 })
  const { begun, work, endOldest } = makeWork()
  const results = [1, 11, 12, 13].map((number) => gate.run(work(number), somebody, 'hash'))
  for (const number of [21, 22, 23]) results.push(gate.run(work(number)))
  await t.rejects(gate.run(work(14), somebody, 'hash'), BusyError)
  for (let n = 0; n < 7; n += 1) await endOldest()
  t.same(begun, [1, 21, 11, 22, 12, 23, 13])
  await Promise.all(results)
})
