/** A wait is cut into so many parts: at least so often is looked whether the answer has come before it is given up. */
const parts = 5

/** What STORAGE_PATIENCE is where nobody says. */
export const defaultPatienceMilliseconds = 500

/**
 * Counts time in which an answer could have been read. When the process itself stood still (its own work, the
 * scheduler, SIGSTOP, a suspended machine), that counts as a fifth of the patience at most, and what lies in the
 * sockets is read before anything is given up. So an answer that is there is never late.
 *
 * Where every turn of the event loop takes longer than a fifth, it lasts five turns instead of the milliseconds.
 * @param milliseconds from 5 up
 * @param runOut called once, unless stopped before
 * @returns stops it; may be called at any time
 */
export function startPatience(milliseconds: number, runOut: () => void): () => void {
  let partsLeft = parts
  let isStopped = false
  // Timers of one turn come before what the sockets hold, immediates after it.
  const afterReading = () => setImmediate(() => !isStopped && runOut())
  const timer = setTimeout(() => {
    partsLeft -= 1
    if (partsLeft > 0) timer.refresh()
    else afterReading()
  }, milliseconds / parts)
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

/** What a promise becomes; @throws what `tooLate` makes, when the patience runs out first */
export function withPatience<T>(milliseconds: number, promise: Promise<T>, tooLate: () => Error): Promise<T> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<T>()
  const stop = startPatience(milliseconds, () => reject(tooLate()))
  promise.then(resolve, reject).finally(stop)
  return answer
}
