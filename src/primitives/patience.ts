/**
 * A timeout is divided into so many steps: between them the process gets the chance to read an answer that
 * has arrived.
 */
const parts = 5

/** The default of STORAGE_PATIENCE. */
export const defaultPatienceMilliseconds = 500

/**
 * A timeout that counts only time in which an answer could have been read. If the process was blocked (by its
 * own work, the scheduler, SIGSTOP, a suspended machine), that counts as a fifth of the timeout at most, and
 * the sockets are read before it runs out. So an answer that has arrived is never late.
 *
 * If every turn of the event loop takes longer than a fifth, it lasts five turns instead of the milliseconds.
 * @param milliseconds 5 or more
 * @param runOut called once, unless stopped before
 * @returns a function that stops it; may be called at any time
 */
export function startPatience(milliseconds: number, runOut: () => void): () => void {
  let partsLeft = parts
  let isStopped = false
  // Timers of a turn run before its sockets are read, immediates after.
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

/** Resolves with the promise. @throws the error from `tooLate` when the timeout runs out first */
export function withPatience<T>(milliseconds: number, promise: Promise<T>, tooLate: () => Error): Promise<T> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<T>()
  const stop = startPatience(milliseconds, () => reject(tooLate()))
  promise.then(resolve, reject).finally(stop)
  return answer
}
