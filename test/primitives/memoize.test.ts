import t from 'tap'
import { memoize } from '../../src/primitives/memoize.ts'

t.test('each result is computed once, undefined too', async (t) => {
  const workedOut: string[] = []
  const half = memoize(10, (text: string, divisor: number) => {
    workedOut.push(text)
    return text === '' ? undefined : text.length / divisor
  })
  t.equal(half('four', 2), 2)
  t.equal(half('four', 2), 2)
  t.equal(half('', 2), undefined)
  t.equal(half('', 2), undefined)
  t.same(workedOut, ['four', ''])
})

t.test('at most that many results are cached, the latest ones', async (t) => {
  const workedOut: number[] = []
  const same = memoize(4, (number: number) => workedOut.push(number))
  for (const number of [1, 2, 3, 1, 4, 5, 1, 2]) same(number)
  t.same(workedOut, [1, 2, 3, 4, 5, 2])
})
