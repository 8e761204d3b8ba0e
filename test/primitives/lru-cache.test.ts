import t from 'tap'
import { LruCache } from '../../src/primitives/lru-cache.ts'

/** The existing keys; reading counts as a use. */
const keptOf = (recent: LruCache<number, string>, keys: readonly number[]) =>
  keys.filter((key) => recent.get(key) !== undefined)

t.test('at most that many entries are cached, and the latest half always', async (t) => {
  for (let count = 1; count < 40; count++) {
    const recent = new LruCache<number, string>(10)
    const keys = Array.from({ length: count }, (_, key) => key)
    for (const key of keys) recent.set(key, `${key}`)
    const kept = keptOf(recent, keys.toReversed())
    t.ok(kept.length <= 10, `${count}: ${kept.length}`)
    t.same(kept.slice(0, 5), keys.slice(-5).reverse())
  }
})

t.test('entries that are read or set again and again stay', async (t) => {
  const recent = new LruCache<number, string>(10)
  recent.set(-1, 'asked for')
  for (let key = 0; key < 100; key++) {
    recent.set(key, '')
    t.equal(recent.get(-1), 'asked for')
    recent.set(-2, `set ${key} times`)
  }
  t.equal(recent.get(-2), 'set 99 times')
})

t.test('setting an entry again takes no room from others', async (t) => {
  const recent = new LruCache<number, string>(4)
  recent.set(1, 'one')
  for (let times = 0; times < 10; times++) recent.set(2, `two ${times}`)
  t.equal(recent.get(1), 'one')
  t.equal(recent.get(2), 'two 9')
})

t.test('a deleted entry is gone, new or old', async (t) => {
  const recent = new LruCache<number, string>(4)
  for (const key of [1, 2, 3]) recent.set(key, `${key}`)
  t.same(
    [1, 3, 4].map((key) => recent.delete(key)),
    [true, true, false]
  )
  t.same(keptOf(recent, [1, 2, 3]), [2])
  recent.set(2, 'two')
  recent.delete(2)
  t.equal(recent.get(2), undefined, 'it was in both halves')
  recent.set(5, 'five')
  recent.clear()
  t.equal(recent.get(5), undefined)
})

t.test('the total weight is limited', async (t) => {
  const recent = new LruCache<number, string>(1000, { max: 100, weigh: ({ length }) => length })
  const keys = Array.from({ length: 50 }, (_, key) => key)
  for (const key of keys) recent.set(key, 'ten chars.')
  t.same(keptOf(recent, keys.toReversed()).slice(0, 5), [49, 48, 47, 46, 45])
  t.ok(keptOf(recent, keys).length <= 10)
  recent.set(49, 'x'.repeat(51))
  t.equal(recent.get(49), undefined, 'too heavy by itself, and the earlier value is gone')
})
