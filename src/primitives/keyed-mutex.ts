import { LruCache } from './lru-cache.ts'

const maxKeys = 10_000

/**
 * Runs tasks of one key in order, as long as fewer than thousands of other keys come in between. Never
 * deletes: shrinking Maps retain memory in V8, where old tables refer to newer ones and keep alive all that
 * those ever held.
 */
export class KeyedMutex {
  readonly #last = new LruCache<string, Task>(maxKeys)

  /** Starts when earlier tasks of the key have settled, at once if there are none. */
  run<T>(thing: string, step: () => Promise<T>): Promise<T> {
    const last = this.#last.get(thing)
    const result = !last || last.isOver ? step() : last.end.then(step)
    this.#last.set(thing, new Task(result))
    return result
  }
}

class Task {
  isOver = false
  readonly end: Promise<void>

  constructor(step: Promise<unknown>) {
    const end = () => {
      this.isOver = true
    }
    this.end = step.then(end, end)
  }
}
