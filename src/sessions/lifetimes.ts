import type { AccountProofs, SessionRecord } from './session-record.ts'

/** Idle timeouts and absolute lifetimes in milliseconds. */
export interface SessionLifetimes {
  readonly idle: number
  readonly absolute: number
  readonly rememberIdle: number
  readonly rememberAbsolute: number
}

type LifetimeFields = Partial<Pick<SessionRecord, 'remember' | 'cookie' | 'accountProofs'>>
type StartedFields = LifetimeFields & { startedAt: number }

/** A session in use is touched at most this often, so that a read is seldom a write. */
const maxTouchEveryMilliseconds = 60_000

/** Clocks of two machines differ by less. */
const maxClockSkewMilliseconds = 60_000

/** After the absolute lifetime the expiry moves slower by this factor: see storeExpiry. */
const slowdown = 1800

/**
 * When a session used at `now` ends: after its idle timeout, and in any case at its absolute lifetime,
 * counted from its start, or the last proof of the password, which resets both. Remembered sessions have timeouts of their own (ASVS 7.3.1, 7.3.2; NIST SP
 * 800-63B-4 §5.2); `cookie.maxAge` replaces the idle timeout. All in milliseconds.
 */
export function sessionExpiry(session: StartedFields, lifetimes: SessionLifetimes, now: number): number {
  return Math.min(now + retention(session, lifetimes), absoluteExpiry(session, lifetimes))
}

/**
 * The expiry in the store of a session used at `seenAt`. This one date also encodes when the session was last
 * seen, so that a touch only moves it. Near the absolute lifetime it would stand still and lose that
 * information; so beyond it the expiry moves on by an 1800th of the time passed (a second in half an hour).
 * The session still ends at its absolute lifetime.
 */
export function storeExpiry(session: StartedFields, lifetimes: SessionLifetimes, seenAt: number): number {
  const idleEnd = seenAt + retention(session, lifetimes)
  const last = absoluteExpiry(session, lifetimes)
  return idleEnd <= last ? idleEnd : last + Math.floor((idleEnd - last) / slowdown)
}

/** When a session with this store expiry was last used, within two seconds. */
export function lastSeen(session: StartedFields, lifetimes: SessionLifetimes, expiresAt: number): number {
  const last = absoluteExpiry(session, lifetimes)
  const idleEnd = expiresAt <= last ? expiresAt : last + (expiresAt - last) * slowdown
  return idleEnd - retention(session, lifetimes)
}

/**
 * The session without times in the future, which a clock wrote that was ahead: it started now, and was not proved.
 * The clocks of other machines may be ahead a little. @returns undefined if there are none
 */
export function withoutFuture<Session extends StartedFields>(
  session: Session,
  lifetimes: SessionLifetimes,
  now: number
): Session | undefined {
  const { startedAt, accountProofs, ...rest } = session
  const isStartBelieved = startedAt <= now + touchInterval(session, lifetimes)
  const isProofBelieved = (accountProofs?.password ?? 0) <= now + maxClockSkewMilliseconds
  if (isStartBelieved && isProofBelieved) return undefined
  const proofs = isProofBelieved && accountProofs ? { accountProofs } : {}
  return { ...rest, startedAt: Math.min(startedAt, now), ...proofs } as Session
}

/** How often a session in use is touched, in milliseconds: more often if its idle timeout is short. */
export function touchInterval(session: LifetimeFields, lifetimes: SessionLifetimes): number {
  return Math.min(maxTouchEveryMilliseconds, Math.floor(idleTime(session, lifetimes) / 10))
}

/**
 * Fresh until (ms): before then a read needs no expiry check and no touch. Zero if it was seen in the future: then
 * the clock was set back, or the lifetimes were shortened.
 */
export function freshUntil(
  session: StartedFields,
  lifetimes: SessionLifetimes,
  { expiresAt, now }: { readonly expiresAt: number; readonly now: number }
): number {
  const seenAt = lastSeen(session, lifetimes, expiresAt)
  const every = touchInterval(session, lifetimes)
  if (seenAt - now >= every || withoutFuture(session, lifetimes, now)) return 0
  const believed = Math.min(seenAt, now)
  return Math.min(believed + every, sessionExpiry(session, lifetimes, believed), expiresAt)
}

/**
 * How long ago the password was verified, in milliseconds. What was not proved counts as proved in 1970, and so does
 * what lies in the future: longer ago than any limit.
 */
export function proofAge(proofs: AccountProofs | undefined, now: number): number {
  const { password = 0 } = proofs ?? {}
  return password > now + maxClockSkewMilliseconds ? now : Math.max(0, now - password)
}

/**
 * How long a session of this age lives that was just used: without further use, and with it. In whole
 * seconds, rounded down.
 */
export function timeLeft(session: LifetimeFields, lifetimes: SessionLifetimes, age: number) {
  const idle = retention(session, lifetimes) - touchInterval(session, lifetimes)
  const max = lifetimeOf(session, lifetimes) - age
  return { idleSeconds: Math.floor(idle / 1000), mostSeconds: Math.floor(max / 1000) }
}

/** When a session ends even if it is used. */
export function absoluteExpiry(session: StartedFields, lifetimes: SessionLifetimes): number {
  return lifetimeStart(session) + lifetimeOf(session, lifetimes)
}

/** Where the absolute lifetime begins: at the start, or at the last proof (NIST SP 800-63B-4 §5.2). */
export function lifetimeStart({ startedAt, accountProofs }: StartedFields): number {
  return Math.max(startedAt, accountProofs?.password ?? 0)
}

function lifetimeOf(session: LifetimeFields, lifetimes: SessionLifetimes): number {
  const isLong = session.remember || (cookieMaxAge(session) ?? 0) > lifetimes.absolute
  return isLong ? lifetimes.rememberAbsolute : lifetimes.absolute
}

/**
 * How long a session is stored after its last touch. Uses during the next `touchInterval` do not touch it, so
 * counted from the last use it may be that much less. The settings are limits: a session may end early by
 * that, but never late. An application's own maxAge is a promise, so there `touchInterval` is added.
 */
function retention(session: LifetimeFields, lifetimes: SessionLifetimes): number {
  const idle = idleTime(session, lifetimes)
  if (session.remember || cookieMaxAge(session) === undefined) return idle
  return Math.min(idle + touchInterval(session, lifetimes), lifetimes.rememberIdle)
}

function idleTime(session: LifetimeFields, lifetimes: SessionLifetimes): number {
  if (session.remember) return lifetimes.rememberIdle
  return Math.min(cookieMaxAge(session) ?? lifetimes.idle, lifetimes.rememberIdle)
}

/**
 * The application's `cookie.maxAge`: as express-session documents it, a session that is not used for so long
 * ends. It is limited to the lifetimes of remembered sessions.
 */
function cookieMaxAge({ cookie }: LifetimeFields): number | undefined {
  const age = cookie?.originalMaxAge
  return typeof age === 'number' && age > 0 ? Math.ceil(age) : undefined
}
