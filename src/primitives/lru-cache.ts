export interface CacheWeight<Key, Value> {
  /** What all together may weigh. */
  readonly max: number
  readonly weigh: (value: Value, key: Key) => number
}

/**
 * What was used lately. When there are half as many new ones as there may be, they become the old ones, and those of
 * the old that nobody asked for meanwhile are forgotten. So being asked costs hardly more than looking it up, and
 * forgetting nothing, where keeping count of who was used last costs both.
 */
export class LruCache<Key, Value extends object | string> {
  readonly #half: number
  readonly #weight: CacheWeight<Key, Value> | undefined
  #young = new Map<Key, Value>()
  #aged = new Map<Key, Value>()
  /** Of the new ones, and of those they replaced. */
  #youngWeight = 0

  /** @param max how many are kept, two or more; the last half of them are surely there */
  constructor(max: number, weight?: CacheWeight<Key, Value>) {
    this.#half = Math.max(1, Math.floor(max / 2))
    this.#weight = weight
  }

  get(key: Key): Value | undefined {
    return this.#young.get(key) ?? this.#promote(key)
  }

  /** What is too heavy by itself is not kept. */
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
