import fc from 'fast-check'
import t from 'tap'
import { FairQueue, type Flow } from '../../src/primitives/fair-queue.ts'

const flow = (network: string, account: string): Flow => ({ network, account })

function takeAll<T>(queue: FairQueue<T>): T[] {
  const taken: T[] = []
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item)
  return taken
}

t.test('networks take turns, and within each its accounts', async (t) => {
  const queue = new FairQueue<string>(100)
  for (const item of ['a1', 'a2', 'a3', 'a4']) queue.add(flow('one', 'a'), item)
  for (const item of ['b1', 'b2']) queue.add(flow('one', 'b'), item)
  for (const item of ['c1', 'c2', 'c3']) queue.add(flow('other', 'a'), item)
  t.same(takeAll(queue), ['a1', 'c1', 'b1', 'c2', 'a2', 'c3', 'b2', 'a3', 'a4'])
  t.equal(queue.size, 0)
})

t.test('a full queue drops the last item of the heaviest account in the heaviest network', async (t) => {
  const queue = new FairQueue<string>(5)
  for (const item of ['a1', 'a2', 'a3']) queue.add(flow('one', 'a'), item)
  queue.add(flow('one', 'b'), 'b1')
  queue.add(flow('other', 'c'), 'c1')
  t.equal(queue.add(flow('other', 'd'), 'd1'), 'a3')
  t.equal(queue.add(flow('third', 'e'), 'e1'), 'a2')
  t.equal(queue.add(flow('fourth', 'f'), 'f1'), 'd1', 'the one whose turn is furthest')
  t.equal(queue.add(flow('fifth', 'g'), 'g1'), 'b1')
  t.equal(queue.add(flow('sixth', 'h'), 'h1'), 'h1', 'among equals the newcomer finds no place')
  t.equal(queue.size, 5)
})

t.test('a deleted item has no turn', async (t) => {
  const queue = new FairQueue<string>(5)
  queue.add(flow('one', 'a'), 'a1')
  queue.add(flow('other', 'b'), 'b1')
  queue.delete(flow('one', 'a'), 'a1')
  queue.delete(flow('one', 'a'), 'a1')
  queue.delete(flow('nowhere', 'a'), 'a1')
  t.equal(queue.size, 1)
  t.same(takeAll(queue), ['b1'])
})

t.test('a single item waits for at most one item of each other network', async (t) => {
  const others = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y', 'z')), {
    maxLength: 40
  })
  fc.assert(
    fc.property(others, fc.integer({ min: 1, max: 20 }), (added, limit) => {
      const queue = new FairQueue<string>(limit)
      for (const [network, account] of added) queue.add(flow(network, account), 'other')
      const evicted = queue.add(flow('light', 'light'), 'mine')
      const taken = takeAll(queue)
      t.equal(taken.length, Math.min(limit, added.length + 1), 'none is lost or doubled')
      if (evicted === 'mine') t.ok(limit <= 3, 'only where every network has as little')
      else t.ok(taken.indexOf('mine') <= 3)
    }),
    { numRuns: 100 }
  )
})
