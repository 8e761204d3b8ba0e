import { setTimeout as sleep } from 'node:timers/promises'

/** For tests that hang: nothing takes so long, even on a very busy machine. */
const endMilliseconds = 60_000
/** Between two attempts: short at first, then a tenth of the time so far, so that a long wait costs little. */
const pauseMilliseconds = (waited: number) => Math.min(Math.max(10, waited / 10), 100)

/** Waits until the machine's clock has passed this time, in milliseconds since 1970. */
export async function past(time: number): Promise<void> {
  await eventually('a later time', () => Date.now() > time)
}

/**
 * Waits for a condition, however slow the machine: asks until the answer is neither false nor undefined. An
 * error counts as no. @returns the answer @throws after a minute, with what was waited for
 */
export async function eventually<T>(
  what: string,
  attempt: () => T | Promise<T>
): Promise<Exclude<T, false | undefined>> {
  let error: unknown
  // A monotonic clock, because the wall clock may be set.
  for (const begin = performance.now(); performance.now() < begin + endMilliseconds; ) {
    try {
      const answer = await attempt()
      if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>
      error = undefined
    } catch (cause) {
      error = cause
    }
    await sleep(pauseMilliseconds(performance.now() - begin))
  }
  throw new Error(`Not within a minute: ${what}`, { cause: error })
}
