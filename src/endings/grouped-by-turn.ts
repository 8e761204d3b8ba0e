interface Waiting<T, R> {
  readonly item: T
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/**
 * Makes out of a step for many a function for one: what is asked in one turn of the event loop, and while the
 * step before it runs, is one step.
 * @param step returns a result for each, in order; if it fails, each has failed
 * @param max the most in one step
 */
export function groupedByTurn<T, R>(
  step: (items: readonly T[]) => Promise<readonly R[]>,
  max: number
): (item: T) => Promise<R> {
  let waiting: Waiting<T, R>[] = []
  let isRunning = false

  async function run() {
    while (waiting.length > 0) {
      const some = waiting.slice(0, max)
      waiting = waiting.slice(max)
      try {
        const results = await step(some.map(({ item }) => item))
        for (const [place, { resolve }] of some.entries()) resolve(results[place] as R)
      } catch (error) {
        for (const { reject } of some) reject(error)
      }
    }
    isRunning = false
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<R>()
    waiting.push({ item, resolve, reject })
    if (!isRunning) {
      isRunning = true
      setImmediate(run)
    }
    return promise
  }
}
