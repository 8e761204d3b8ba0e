import { readdirSync, readFileSync, stat } from 'node:fs'
import { availableParallelism, constants, getPriority, setPriority } from 'node:os'

/**
 * As many threads as cores, at least two: passwords are hashed on all but one (see readConfig). It has to be
 * set before Node first uses its threads; a value that is already set wins.
 */
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(2, availableParallelism()))

/** A fifth of the main thread's weight. */
const niceness = 7

/**
 * A hash uses a core for tens of milliseconds. If no core is free, the main thread would wait for a time
 * slice, 4 ms or more; so these threads get a lower priority. Only Linux has priorities of threads; without
 * them everything works as before.
 */
function lowerThreadPriority(): void {
  try {
    const priority = Math.min(getPriority() + niceness, constants.priority.PRIORITY_LOW)
    for (const thread of readdirSync('/proc/self/task')) {
      const name = readFileSync(`/proc/self/task/${thread}/comm`, 'utf8')
      if (name.startsWith('libuv-worker')) setPriority(Number(thread), priority)
    }
  } catch {
    // Not Linux, or not permitted.
  }
}

// The first use starts all threads.
stat('.', lowerThreadPriority)
