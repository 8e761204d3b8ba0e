/** Milliseconds since 1970. */
export type Clock = () => number

/** A clock may be wrong for a while by less: what is deleted by age is deleted so much later. */
export const clockErrorMilliseconds = 24 * 60 * 60 * 1000

/**
 * A clock that follows another one forward, but never back: when that one is set back, this one goes on from where
 * it was, at the pace of the monotonic clock. So what is over stays over, and no time is counted twice.
 * @param wall milliseconds since 1970; may be set
 * @param elapsed a monotonic clock in milliseconds
 */
export function neverBack(wall: Clock = Date.now, elapsed: Clock = () => performance.now()): Clock {
  let ahead = Number.NEGATIVE_INFINITY
  return () => {
    // The wall first: a pause between the two makes the difference smaller, never larger.
    const time = wall()
    const passed = elapsed()
    ahead = Math.max(ahead, time - passed)
    return Math.floor(ahead + passed)
  }
}

/**
 * The clock of this process, which everything shares that compares a stored time with now. Suspending the machine
 * moves it forward. Only a restart brings it back to the machine's.
 */
export const processClock: Clock = neverBack(() => Date.now())
