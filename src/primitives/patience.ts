/**
 * A timeout is divided into so many steps: between them the process gets the chance to read an answer that
 * has arrived.
 */
const parts = 5

const renewals = 4

/** The default of STORAGE_PATIENCE. */
export const defaultPatienceMilliseconds = 500

/**
 * A timeout that counts only time in which an answer could have been read. If the process was blocked (by its
 * own work, the scheduler, SIGSTOP, a suspended machine), that counts as a fifth of the timeout at most, and
 * the sockets are read before it runs out. So an answer that has arrived is never late.
 *
 * If every turn of the event loop takes longer than a fifth, it lasts five turns instead of the milliseconds.
 * What takes several answers (a handshake, a queue) may need more turns: `signs` starts the timeout anew, four
 * times at most.
 * @param milliseconds 5 or more
 * @param runOut called once, unless stopped before
 * @param signs a number that has changed since the last time if the other side has answered something meanwhile
 * @returns a function that stops it; may be called at any time
 */
export function startPatience(milliseconds: number, runOut: () => void, signs = () => 0): () => void {
  let partsLeft = parts
  let isStopped = false
  let renewalsLeft = renewals
  let lastSigns = signs()
  const isAlive = () => {
    const before = lastSigns
    lastSigns = signs()
    return lastSigns !== before && renewalsLeft-- > 0
  }
  // Timers of a turn run before its sockets are read, immediates after.
  const afterReading = () =>
    setImmediate(() => {
      if (isStopped) return
      if (!isAlive()) return runOut()
      partsLeft = parts
      timer.refresh()
    })
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
export function withPatience<T>(
  milliseconds: number,
  promise: Promise<T>,
  tooLate: () => Error,
  signs?: () => number
): Promise<T> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<T>()
  const stop = startPatience(milliseconds, () => reject(tooLate()), signs)
  promise.then(resolve, reject).finally(stop)
  return answer
}
