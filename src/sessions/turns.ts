/** Lets steps that concern the same thing through one by one. */
export class Turns<Thing = string> {
  readonly #last = new Map<Thing, Promise<void>>()

  /** Begins at once, or when the steps taken for this thing before are done, whether they failed or not. */
  take<T>(thing: Thing, step: () => Promise<T>): Promise<T> {
    const previous = this.#last.get(thing)
    const result = previous ? previous.then(step) : step()
    const leave = () => {
      if (this.#last.get(thing) === turn) this.#last.delete(thing)
    }
    const turn = result.then(leave, leave)
    this.#last.set(thing, turn)
    return result
  }
}
