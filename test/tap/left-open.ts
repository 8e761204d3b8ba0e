import type { Test } from 'tap'

interface Patience {
  /** For all teardowns, in milliseconds. */
  readonly teardowns: number
  /** For whatever closes by itself afterwards. */
  readonly rest: number
}

/** Long enough on a slow machine. */
const patience: Patience = { teardowns: 600_000, rest: 60_000 }

/**
 * If something that a test left open still keeps the process when all tests are over, says what, and ends it:
 * otherwise it would stay until tap's timeout, and nobody would know why. That of a teardown that fails too, after
 * which tap calls no other. @param t the root test, which has no teardown yet
 */
export function endWhatIsLeftOpen(t: Test, { teardowns, rest }: Patience = patience): void {
  t.onEOF = () => endAfter(teardowns)
  t.teardown(() => endAfter(rest))
}

function endAfter(milliseconds: number): void {
  const end = () => {
    console.error(`A test left something open: ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }
  setTimeout(end, milliseconds).unref()
}
