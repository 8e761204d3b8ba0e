import { BusyError } from '../errors/errors.ts'
import { startPatience } from '../primitives/patience.ts'

export interface BulkheadLimits {
  /** How many pieces of work run at the same time: 1 or more. */
  readonly concurrent: number
  /** How many more may wait for their turn. */
  readonly waiting: number
  readonly maxWaitMilliseconds: number
}

/**
 * Lets in so much costly work at a time, in the order it came. A bounded number waits, and not for long;
 * whoever comes beyond them is told at once, so a flood costs neither memory nor everybody's time.
 */
export class Bulkhead {
  readonly #limits: BulkheadLimits
  readonly #waiting = new Set<() => void>()
  #running = 0

  constructor(limits: BulkheadLimits) {
    this.#limits = limits
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * @param waiting how many may wait already when this comes, for what is to leave room for other work
   * @throws {BusyError} when too many wait already or the turn does not come in time; the work is not begun then
   */
  async run<T>(work: () => Promise<T>, waiting = this.#limits.waiting): Promise<T> {
    await this.#acquire(waiting)
    try {
      return await work()
    } finally {
      this.#release()
    }
  }

  async #acquire(waiting: number): Promise<void> {
    const { concurrent, maxWaitMilliseconds } = this.#limits
    if (this.#running < concurrent) {
      this.#running += 1
      return
    }
    if (this.#waiting.size >= waiting) throw new BusyError()
    const { promise: turn, resolve: enter, reject } = Promise.withResolvers<void>()
    const giveUp = () => {
      this.#waiting.delete(enter)
      reject(new BusyError())
    }
    const stop = startPatience(maxWaitMilliseconds, giveUp)
    this.#waiting.add(enter)
    await turn.finally(stop)
  }

  /** Whoever waits takes over the place, so nobody who comes just then gets before them. */
  #release(): void {
    const [enter] = this.#waiting
    if (!enter) {
      this.#running -= 1
      return
    }
    this.#waiting.delete(enter)
    enter()
  }
}

/** For what can as well be done the next time: nobody is sent away for it. */
export function unlessBusy(error: unknown): undefined {
  if (!(error instanceof BusyError)) throw error
}
