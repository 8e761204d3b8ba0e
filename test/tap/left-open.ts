/** Long enough for whatever closes by itself on a slow machine. */
const patience = 60_000

/**
 * Call it when all tests of a process are over. If something that a test left open still keeps the process then, says
 * what, and ends it: otherwise it would stay until tap's timeout, and nobody would know why.
 */
export function endWhatIsLeftOpen(after = patience): void {
  const end = () => {
    console.error(`A test left something open: ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }
  setTimeout(end, after).unref()
}
