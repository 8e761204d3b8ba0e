import { LruCache } from './lru-cache.ts'

/**
 * Memoizes a function, for keys that come again and again, such as headers of common browsers.
 * @param max how many results are kept: the most recent ones
 * @param workOut must depend on the key only, whatever the second argument is
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
