/** How often the event loop is sampled, in milliseconds; anything shorter is not a stall. */
const sampleEveryMilliseconds = 100

export interface StallWatch {
  /** Whether the event loop is blocked again and again. */
  readonly goesOn: boolean
  stop(): void
}

export interface StallWatchOptions {
  /** The longest acceptable stall in milliseconds: MAX_STALL. */
  readonly maxStall: number
  /** Called after every stall. */
  readonly onStall?: (seconds: number) => void
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
}

/**
 * Detects a blocked event loop. When a stall longer than `maxStall` is noticed, it is over, and new requests
 * do not have to wait. Two in a row mean that the work goes on.
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
