import { readdirSync, readFileSync, stat } from 'node:fs'
import { availableParallelism, constants, getPriority, setPriority } from 'node:os'

/**
 * As many threads as there are cores, at least two: passwords are hashed on all but one (see readConfig). It
 * counts only before Node has its first use for them, and whoever starts the service may have set it.
 */
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(2, availableParallelism()))

/** A fifth of the weight that the thread has which answers. */
const niceness = 7

/**
 * A hash takes a core for tens of milliseconds. Where there is none left for the thread that answers, it would wait
 * until a hash has had its slice, 4 ms and more: so these threads give way to it. Linux alone knows priorities of
 * threads; where it is not to be had, everything goes on as it was.
 */
function lowerThreadPriority(): void {
  try {
    const priority = Math.min(getPriority() + niceness, constants.priority.PRIORITY_LOW)
    for (const thread of readdirSync('/proc/self/task')) {
      const name = readFileSync(`/proc/self/task/${thread}/comm`, 'utf8')
      if (name.startsWith('libuv-worker')) setPriority(Number(thread), priority)
    }
  } catch {
    // Not Linux, or forbidden.
  }
}

// The first use starts them all.
stat('.', lowerThreadPriority)
