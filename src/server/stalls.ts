/** How often is looked, in milliseconds; what takes less is no stall. */
const sampleEveryMilliseconds = 100

export interface StallWatch {
  /** Whether the process keeps everybody waiting, again and again. */
  readonly goesOn: boolean
  stop(): void
}

export interface StallWatchOptions {
  /** How long may everybody be kept waiting, in milliseconds: MAX_STALL. */
  readonly maxStall: number
  /** Told of every stall when it is past. */
  readonly onStall?: (seconds: number) => void
  /** A clock in milliseconds that only goes forward. */
  readonly now?: () => number
}

/**
 * Notices when the event loop stands still. One stall longer than `maxStall` is past when it is noticed, and nobody who
 * comes then has to wait for it; after two without a pause in between there is work that goes on.
 */
export function watchStalls(options: StallWatchOptions): StallWatch {
  const { maxStall, onStall = () => {}, now = () => performance.now() } = options
  let expectedAt = now() + sampleEveryMilliseconds
  let longInARow = 0
  const look = () => {
    const late = now() - expectedAt
    if (late >= sampleEveryMilliseconds) onStall(late / 1000)
    longInARow = late > maxStall ? longInARow + 1 : 0
    expectedAt = now() + sampleEveryMilliseconds
  }
  const timer = setInterval(look, sampleEveryMilliseconds).unref()
  return {
    get goesOn() {
      return longInARow >= 2
    },
    stop: () => clearInterval(timer)
  }
}
