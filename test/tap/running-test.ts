type OnError = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin) => void

/** Replaces tap's domain for each test: an uncaught error belongs to the running test. */
export class Domain {
  readonly onerror: OnError

  constructor(onerror: OnError) {
    this.onerror = onerror
  }

  destroy(): void {}
}

interface RunningTest {
  readonly hookDomain: Domain
  readonly activeSubtests: ReadonlySet<RunningTest>
}

process.on('uncaughtException', async (error, origin) => {
  // A test with its own listener handles the error.
  if (process.listenerCount('uncaughtException') > 1) return
  const { tap } = await import('@tapjs/core')
  innermost(tap() as unknown as RunningTest).hookDomain.onerror(error, origin)
})

function innermost(test: RunningTest): RunningTest {
  const subtest = [...test.activeSubtests].at(-1)
  return subtest ? innermost(subtest) : test
}
