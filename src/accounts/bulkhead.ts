import { BusyError } from '../errors/errors.ts'
import { FairQueue, type Flow } from '../primitives/fair-queue.ts'
import { startPatience } from '../primitives/patience.ts'

/** What a task is: each kind has a queue of its own, and takes turns with the other. */
export type Kind = 'verify' | 'hash'

export interface BulkheadLimits {
  /** How many tasks run at the same time: 1 or more. */
  readonly concurrent: number
  /** How many more of each kind may wait. */
  readonly waiting: Readonly<Record<Kind, number>>
  readonly maxWaitMilliseconds: number
}

/** A task, and who waits for it. */
export interface Task<T> {
  readonly kind: Kind
  readonly flow: Flow
  readonly work: () => Promise<T>
}

interface Waiting {
  readonly enter: () => void
  readonly refuse: () => void
}

/**
 * Limits how many expensive tasks run at the same time. More may wait for a limited time, in a fair queue: a
 * flood from one network or for one account neither delays nor displaces anybody else. Whoever finds no place
 * is refused at once, so a flood costs neither memory nor everybody's time.
 */
export class Bulkhead {
  readonly #limits: BulkheadLimits
  readonly #queues: Readonly<Record<Kind, FairQueue<Waiting>>>
  #running = 0
  #next: Kind = 'verify'

  constructor(limits: BulkheadLimits) {
    this.#limits = limits
    const { verify, hash } = limits.waiting
    this.#queues = { verify: new FairQueue(verify), hash: new FairQueue(hash) }
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#queues.verify.size + this.#queues.hash.size
  }

  /** @throws {BusyError} when too many wait, or the wait takes too long; the task is not started then */
  async run<T>(task: Task<T>): Promise<T> {
    await this.#acquire(task)
    try {
      return await task.work()
    } finally {
      this.#release()
    }
  }

  async #acquire({ kind, flow }: Task<unknown>): Promise<void> {
    const { concurrent, maxWaitMilliseconds } = this.#limits
    if (this.#running < concurrent) {
      this.#running += 1
      return
    }
    const queue = this.#queues[kind]
    const { promise: turn, resolve: enter, reject } = Promise.withResolvers<void>()
    const waiting = { enter, refuse: () => reject(new BusyError()) }
    const stop = startPatience(maxWaitMilliseconds, () => {
      queue.delete(flow, waiting)
      waiting.refuse()
    })
    queue.add(flow, waiting)?.refuse()
    await turn.finally(stop)
  }

  /** A waiting task takes over the slot, so a newcomer cannot overtake it. */
  #release(): void {
    const { verify, hash } = this.#queues
    const [one, other] = this.#next === 'verify' ? [verify, hash] : [hash, verify]
    this.#next = this.#next === 'verify' ? 'hash' : 'verify'
    const waiting = one.take() ?? other.take()
    if (waiting) waiting.enter()
    else this.#running -= 1
  }
}

/** For work that can be done next time instead: nobody is refused for it. */
export function unlessBusy(error: unknown): undefined {
  if (!(error instanceof BusyError)) throw error
}
