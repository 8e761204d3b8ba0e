import type { SessionRecord } from './session-record.ts'

/** How long a session lives, in milliseconds. */
export interface SessionLifetimes {
  readonly idle: number
  readonly absolute: number
  readonly rememberIdle: number
  readonly rememberAbsolute: number
}

type LifetimeFields = Partial<Pick<SessionRecord, 'remember' | 'cookie'>>
type StartedFields = LifetimeFields & { startedAt: number }

/** Reading a session moves its end at most this often, so that a read is seldom a write. */
const maxTouchEveryMilliseconds = 60_000

/** Past a session's last end time goes this much slower: see storeExpiry. */
const slowdown = 1800

/**
 * When a session used at `now` ends: after its idle time, and in any case at its absolute lifetime, counted
 * from its start. Remembered sessions have both of their own (ASVS 7.3.1, 7.3.2; NIST SP 800-63B-4 §5.2); a
 * `cookie.maxAge` takes the place of the idle time. All in milliseconds.
 */
export function sessionExpiry(session: StartedFields, lifetimes: SessionLifetimes, now: number): number {
  return Math.min(now + retention(session, lifetimes), absoluteExpiry(session, lifetimes))
}

/**
 * When the store lets go of a session used at `seenAt`. This one date also says when the session was seen,
 * so that a read costs no more than moving it. Near the absolute lifetime it would stand still and say
 * nothing: so from there on it moves a little with every use, an 1800th of the time that went by (a second
 * in half an hour). The session is over at its lifetime all the same.
 */
export function storeExpiry(session: StartedFields, lifetimes: SessionLifetimes, seenAt: number): number {
  const idleEnd = seenAt + retention(session, lifetimes)
  const last = absoluteExpiry(session, lifetimes)
  return idleEnd <= last ? idleEnd : last + Math.floor((idleEnd - last) / slowdown)
}

/** When a session that the store lets go of at `expiresAt` was used last, give or take two seconds. */
export function lastSeen(session: StartedFields, lifetimes: SessionLifetimes, expiresAt: number): number {
  const last = absoluteExpiry(session, lifetimes)
  const idleEnd = expiresAt <= last ? expiresAt : last + (expiresAt - last) * slowdown
  return idleEnd - retention(session, lifetimes)
}

/** How often using a session moves its end, in milliseconds. A short idle time is followed more closely. */
export function touchInterval(session: LifetimeFields, lifetimes: SessionLifetimes): number {
  return Math.min(maxTouchEveryMilliseconds, Math.floor(idleTime(session, lifetimes) / 10))
}

/**
 * Until when a session that the store lets go of at `expiresAt` is neither over nor to be touched. Zero where it was
 * seen in the future: the lifetimes were longer once.
 */
export function freshUntil(
  session: StartedFields,
  lifetimes: SessionLifetimes,
  { expiresAt, now }: { readonly expiresAt: number; readonly now: number }
): number {
  const seenAt = lastSeen(session, lifetimes, expiresAt)
  const every = touchInterval(session, lifetimes)
  if (seenAt - now >= every) return 0
  return Math.min(seenAt + every, sessionExpiry(session, lifetimes, seenAt), expiresAt)
}

/**
 * How long a session of this age lives that was used just now, without another use and with: whole seconds,
 * rather too few.
 */
export function timeLeft(session: LifetimeFields, lifetimes: SessionLifetimes, age: number) {
  const idle = retention(session, lifetimes) - touchInterval(session, lifetimes)
  const max = lifetimeOf(session, lifetimes) - age
  return { idleSeconds: Math.floor(idle / 1000), mostSeconds: Math.floor(max / 1000) }
}

/** When a session is over however much it is used. */
function absoluteExpiry(session: StartedFields, lifetimes: SessionLifetimes): number {
  return session.startedAt + lifetimeOf(session, lifetimes)
}

function lifetimeOf(session: LifetimeFields, lifetimes: SessionLifetimes): number {
  const isLong = session.remember || (cookieMaxAge(session) ?? 0) > lifetimes.absolute
  return isLong ? lifetimes.rememberAbsolute : lifetimes.absolute
}

/**
 * How long a session is kept after its end was moved last. Uses in the next `touchInterval` move nothing, so counted from
 * the last use it may be that much less. The settings are limits: a session may end early by them, never late. An age
 * of its own is what the application promises, so there `touchInterval` is added.
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
 * What the application set as `cookie.maxAge`: as express-session documents it, a session not used for that long is
 * over. It counts up to the lifetimes of remembered sessions, which no session outlives.
 */
function cookieMaxAge({ cookie }: LifetimeFields): number | undefined {
  const age = cookie?.originalMaxAge
  return typeof age === 'number' && age > 0 ? Math.ceil(age) : undefined
}
