import { BusyError } from '../errors/errors.ts'
import { startPatience } from '../primitives/patience.ts'

export interface BulkheadLimits {
  /** How many tasks run at the same time: 1 or more. */
  readonly concurrent: number
  /** How many more may wait. */
  readonly waiting: number
  readonly maxWaitMilliseconds: number
}

/**
 * Limits how many expensive tasks run at the same time, first come, first served. Up to `waiting` more wait
 * for a limited time. Any further one is refused at once, so a flood costs neither memory nor everybody's
 * time.
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
   * @param waiting refuses if so many wait already: a lower value leaves room for other tasks
   * @throws {BusyError} when too many wait, or the wait takes too long; the task is not started then
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

  /** A waiting task takes over the slot, so a newcomer cannot overtake it. */
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

/** For work that can be done next time instead: nobody is refused for it. */
export function unlessBusy(error: unknown): undefined {
  if (!(error instanceof BusyError)) throw error
}
