import t from 'tap'
import { Turns } from '../../src/primitives/turns.ts'

const turn = () => new Promise(setImmediate)

/** How many of so many tasks have begun by the end of each turn. */
async function begin(turns: Turns, tasks: number): Promise<number[]> {
  let begun = 0
  for (let n = 0; n < tasks; n += 1) turns.next().then(() => (begun += 1))
  const counts: number[] = []
  while (begun < tasks) {
    await null
    counts.push(begun)
    await turn()
  }
  return counts
}

t.test('a few tasks begin in each turn of the event loop', async (t) => {
  const counts = await begin(new Turns(4), 10)
  t.same([...new Set([...counts, 10])], [4, 8, 10])
})

t.test('tasks begin in order, and those that come later wait behind them', async (t) => {
  const turns = new Turns(2)
  const order: number[] = []
  const first = [1, 2, 3, 4, 5].map((n) => turns.next().then(() => order.push(n)))
  await turn()
  await Promise.all([...first, turns.next().then(() => order.push(6))])
  t.same(order, [1, 2, 3, 4, 5, 6])
})

t.test('whoever has many waiting does not keep others from beginning', async (t) => {
  const turns = new Turns(2)
  const order: string[] = []
  const wait = (network: string) => turns.next({ network, account: '' }).then(() => order.push(network))
  const all = [...Array(100).fill('flood'), 'one', 'other'].map(wait)
  await Promise.all(all)
  t.same(order.slice(0, 5), ['flood', 'flood', 'flood', 'one', 'other'])
})

t.test('after a quiet turn nobody waits', async (t) => {
  const turns = new Turns(2)
  for (let n = 0; n < 5; n += 1) {
    t.same(await begin(turns, 2), [2])
    await turn()
    await turn()
  }
})
