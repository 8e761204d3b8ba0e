export interface Weight<Key, Value> {
  /** What all together may weigh. */
  readonly most: number
  readonly of: (value: Value, key: Key) => number
}

/**
 * What was used lately. When there are half as many new ones as there may be, they become the old ones, and those of
 * the old that nobody asked for meanwhile are forgotten. So being asked costs hardly more than looking it up, and
 * forgetting nothing, where keeping count of who was used last costs both.
 */
export class Recent<Key, Value extends object | string> {
  readonly #half: number
  readonly #weight: Weight<Key, Value> | undefined
  #new = new Map<Key, Value>()
  #old = new Map<Key, Value>()
  /** Of the new ones, and of those they replaced. */
  #weighs = 0

  /** @param most how many are kept, two or more; the last half of them are surely there */
  constructor(most: number, weight?: Weight<Key, Value>) {
    this.#half = Math.max(1, Math.floor(most / 2))
    this.#weight = weight
  }

  get(key: Key): Value | undefined {
    return this.#new.get(key) ?? this.#renewed(key)
  }

  /** What is too heavy by itself is not kept. */
  set(key: Key, value: Value): void {
    const weighs = this.#weight?.of(value, key) ?? 0
    const most = (this.#weight?.most ?? 0) / 2
    if (this.#weighs + weighs > most || (this.#new.size >= this.#half && !this.#new.has(key))) this.#age()
    if (weighs > most) this.delete(key)
    else this.#new.set(key, value)
    this.#weighs += weighs
  }

  /** @returns whether it was there */
  delete(key: Key): boolean {
    const wasNew = this.#new.delete(key)
    return this.#old.delete(key) || wasNew
  }

  clear(): void {
    this.#age()
    this.#age()
  }

  #renewed(key: Key): Value | undefined {
    const value = this.#old.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  #age(): void {
    this.#old = this.#new
    this.#new = new Map()
    this.#weighs = 0
  }
}
