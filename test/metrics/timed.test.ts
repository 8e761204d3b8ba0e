import t from 'tap'
import { timed } from '../../src/metrics/timed.ts'

class Store {
  readonly #kept = 'kept'
  readonly size = 3

  peek() {
    return this.#kept
  }

  async load(fails: boolean) {
    if (fails) throw new Error('away')
    return this.#kept
  }
}

t.test('an asynchronous method is timed with its outcome, and its result stays the same', async (t) => {
  const told: unknown[] = []
  const store = timed(new Store(), (operation, outcome, seconds) =>
    told.push([operation, outcome, seconds >= 0])
  )
  t.equal(await store.load(false), 'kept')
  await t.rejects(store.load(true), { message: 'away' })
  t.same(told, [
    ['load', 'ok', true],
    ['load', 'failed', true]
  ])
})

t.test('a synchronous method is left alone', async (t) => {
  const store = timed(new Store(), () => t.fail('not timed'))
  t.equal(store.peek(), 'kept')
  t.equal(store.size, 3)
  t.equal(store.peek, store.peek, 'the same function at each look-up')
})
