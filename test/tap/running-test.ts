type OnError = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin) => void

/** What tap has for each test. Nothing has to be followed: an error that nobody catches is that of the test that runs. */
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
  // A test that listens itself deals with it.
  if (process.listenerCount('uncaughtException') > 1) return
  const { tap } = await import('@tapjs/core')
  innermost(tap() as unknown as RunningTest).hookDomain.onerror(error, origin)
})

function innermost(test: RunningTest): RunningTest {
  const subtest = [...test.activeSubtests].at(-1)
  return subtest ? innermost(subtest) : test
}
