/**
 * Lets a few tasks begin in each turn of the event loop, in order, so that a burst of them does not keep others
 * waiting: between two turns sockets are read and timers run.
 */
export class Turns {
  readonly #perTurn: number
  readonly #waiting: (() => void)[] = []
  #left: number

  /** @param perTurn how many tasks begin in one turn: 1 or more */
  constructor(perTurn: number) {
    this.#perTurn = perTurn
    this.#left = perTurn
  }

  /** Resolves when it is the caller's turn: at once, if few came in this one. */
  next(): Promise<void> {
    if (this.#left === this.#perTurn) setImmediate(() => this.#begin())
    if (this.#left > 0) {
      this.#left -= 1
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** A new turn. */
  #begin(): void {
    const begin = this.#waiting.splice(0, this.#perTurn)
    this.#left = this.#perTurn - begin.length
    if (begin.length > 0) setImmediate(() => this.#begin())
    for (const resolve of begin) resolve()
  }
}
