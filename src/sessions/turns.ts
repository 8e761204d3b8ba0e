/** Lets steps that concern the same thing through one by one. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Waits for the steps taken under this key before, whether they failed or not. */
  async take<T>(key: string, step: () => Promise<T>): Promise<T> {
    const previous = this.#last.get(key) ?? Promise.resolve()
    const result = previous.then(step)
    const turn = result.then(nothing, nothing)
    this.#last.set(key, turn)
    await turn
    if (this.#last.get(key) === turn) this.#last.delete(key)
    return result
  }
}

function nothing(): void {}
