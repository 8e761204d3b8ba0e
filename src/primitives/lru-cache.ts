export interface CacheWeight<Key, Value> {
  /** The maximum weight of all entries. */
  readonly max: number
  readonly weigh: (value: Value, key: Key) => number
}

/**
 * Two-generation LRU: when the young half fills, it becomes the old half, and unread entries of the previous
 * old half drop. A read costs hardly more than a look-up; keeping track of every use, or dropping entries one
 * by one, costs more.
 */
export class LruCache<Key, Value extends object | string> {
  readonly #half: number
  readonly #weight: CacheWeight<Key, Value> | undefined
  #young = new Map<Key, Value>()
  #aged = new Map<Key, Value>()
  /** Of the young entries, and of entries they replaced. */
  #youngWeight = 0

  /** @param max the maximum number of entries, two or more; the latest half of them are always there */
  constructor(max: number, weight?: CacheWeight<Key, Value>) {
    this.#half = Math.max(1, Math.floor(max / 2))
    this.#weight = weight
  }

  get(key: Key): Value | undefined {
    return this.#young.get(key) ?? this.#promote(key)
  }

  /** An entry that is too heavy by itself is not stored. */
  set(key: Key, value: Value): void {
    const weighs = this.#weight?.weigh(value, key) ?? 0
    const max = (this.#weight?.max ?? 0) / 2
    if (this.#youngWeight + weighs > max || (this.#young.size >= this.#half && !this.#young.has(key)))
      this.#rotate()
    if (weighs > max) this.delete(key)
    else this.#young.set(key, value)
    this.#youngWeight += weighs
  }

  /** @returns whether it was there */
  delete(key: Key): boolean {
    const wasNew = this.#young.delete(key)
    return this.#aged.delete(key) || wasNew
  }

  clear(): void {
    this.#rotate()
    this.#rotate()
  }

  #promote(key: Key): Value | undefined {
    const value = this.#aged.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  #rotate(): void {
    this.#aged = this.#young
    this.#young = new Map()
    this.#youngWeight = 0
  }
}
