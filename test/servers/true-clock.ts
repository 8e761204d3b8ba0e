/**
 * The environment for a server that goes by the machine's true clock. libfaketime, by which the clock is set forward
 * while tests run (see five-ways/), hangs redis-server and others.
 */
export function onTrueClock(): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, ...env } = process.env
  return env
}

/** Milliseconds since 1970, by a clock that nobody sets while this process runs. */
export function steadyNow(): number {
  return Math.floor(performance.timeOrigin + performance.now())
}
