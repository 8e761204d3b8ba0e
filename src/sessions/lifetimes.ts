import type { SessionLifetimes } from '../config.ts'
import type { SessionRecord } from './session-record.ts'

/**
 * When a session used at `now` ends: after its idle time, and in any case at its absolute lifetime, counted
 * from its start. Remembered sessions have both of their own (ASVS 7.3.1, 7.3.2; NIST SP 800-63B-4 §5.2).
 * All in milliseconds.
 */
export function endOfSession(record: SessionRecord, lifetimes: SessionLifetimes, now: number): number {
  const idle = record.remember ? lifetimes.rememberIdle : lifetimes.idle
  return Math.min(now + idle, lastEnd({ startedAt: now, ...record }, lifetimes))
}

/** When a session is over however much it is used. */
export function lastEnd({ startedAt, remember }: Started, lifetimes: SessionLifetimes): number {
  return startedAt + (remember ? lifetimes.rememberAbsolute : lifetimes.absolute)
}

type Started = Pick<SessionRecord, 'remember'> & { startedAt: number }
