/**
 * The environment for a program that uses the machine's clock. libfaketime, which sets the clock forward
 * during tests (see five-ways/), hangs redis-server and redis-cli while they load, whatever its settings.
 */
export function onTrueClock(): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, ...env } = process.env
  return env
}

/** For apps that share sessions and not their clock: sessions last when the machine's clock is set forward meanwhile. */
export const longSessions = { SESSION_IDLE: '10h' } as const

/** Milliseconds since 1970, by a monotonic clock. */
export function steadyNow(): number {
  return Math.floor(performance.timeOrigin + performance.now())
}
