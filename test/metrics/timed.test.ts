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
  const times = { observe: (labels: object, seconds: number) => told.push([labels, seconds >= 0]) }
  const store = timed(new Store(), times, { store: 'sessions' })
  t.equal(await store.load(false), 'kept')
  await t.rejects(store.load(true), { message: 'away' })
  t.same(told, [
    [{ store: 'sessions', operation: 'load', outcome: 'ok' }, true],
    [{ store: 'sessions', operation: 'load', outcome: 'failed' }, true]
  ])
})

t.test('a synchronous method is left alone', async (t) => {
  const store = timed(new Store(), { observe: () => t.fail('not timed') })
  t.equal(store.peek(), 'kept')
  t.equal(store.size, 3)
  t.equal(store.peek, store.peek, 'the same function at each look-up')
})
