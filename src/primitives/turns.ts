import { FairQueue, type Flow } from './fair-queue.ts'

const nobodyElse: Flow = { network: '', account: '' }

/**
 * Lets a few tasks begin in each turn of the event loop, so that a burst of them does not keep others waiting: between
 * two turns sockets are read and timers run. Tasks of one flow begin in order, and flows take turns: see FairQueue.
 */
export class Turns {
  readonly #perTurn: number
  readonly #waiting = new FairQueue<() => void>(Number.POSITIVE_INFINITY)
  #left: number

  /** @param perTurn how many tasks begin in one turn: 1 or more */
  constructor(perTurn: number) {
    this.#perTurn = perTurn
    this.#left = perTurn
  }

  /** Resolves when it is the caller's turn: at once, if few came in this one. */
  next(flow = nobodyElse): Promise<void> {
    if (this.#left === this.#perTurn) setImmediate(() => this.#begin())
    if (this.#left > 0) {
      this.#left -= 1
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.add(flow, resolve))
  }

  /** A new turn. */
  #begin(): void {
    const begin = Array.from({ length: Math.min(this.#perTurn, this.#waiting.size) }, () =>
      this.#waiting.take()
    )
    this.#left = this.#perTurn - begin.length
    if (begin.length > 0) setImmediate(() => this.#begin())
    for (const resolve of begin) resolve?.()
  }
}
