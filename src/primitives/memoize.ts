import { LruCache } from './lru-cache.ts'

/**
 * Works out only once what belongs to something that comes again and again, such as a header that every browser
 * of one kind sends.
 * @param max how many are remembered: those that came lately
 * @param workOut what belongs to a key, always the same, whatever else it is given
 */
export function memoize<Key, Value, Source = void>(
  max: number,
  workOut: (key: Key, source: Source) => Value
): (key: Key, source: Source) => Value {
  const known = new LruCache<Key, { readonly value: Value }>(max)
  return (key, source) => {
    const remembered = known.get(key)
    if (remembered) return remembered.value
    const value = workOut(key, source)
    known.set(key, { value })
    return value
  }
}
