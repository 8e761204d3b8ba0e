import { setTimeout as sleep } from 'node:timers/promises'

/** For tests that hang: nothing takes so long, even on a very busy machine. */
const endMilliseconds = 60_000
const pauseMilliseconds = 10

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
  for (const end = performance.now() + endMilliseconds; performance.now() < end; ) {
    try {
      const answer = await attempt()
      if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>
      error = undefined
    } catch (cause) {
      error = cause
    }
    await sleep(pauseMilliseconds)
  }
  throw new Error(`Not within a minute: ${what}`, { cause: error })
}
