import { LruCache } from './lru-cache.ts'

const maxKeys = 10_000

/**
 * Lets steps that concern the same thing through one by one, but where thousands of other things had their turn
 * meanwhile. Steps that are over are not taken out: the tables of a Map that is emptied as it is filled refer to each
 * other, and an old one keeps alive all that later ones ever held.
 */
export class KeyedMutex {
  readonly #last = new LruCache<string, Task>(maxKeys)

  /** Begins at once, or when the steps taken for this thing before are done, whether they failed or not. */
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
