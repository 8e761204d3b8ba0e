import { type AccountProofs, maxClockSkewMilliseconds, proofKinds } from '../identity/account-proofs.ts'
import type { SessionRecord } from './session-record.ts'

/** Idle timeouts and absolute lifetimes in milliseconds. */
export interface SessionLifetimes {
  readonly idle: number
  readonly absolute: number
  readonly rememberIdle: number
  readonly rememberAbsolute: number
}

type LifetimeFields = Partial<Pick<SessionRecord, 'remember' | 'cookie' | 'accountProofs'>>
type StartedFields = LifetimeFields & { startedAt: number }
type ProofFields = { readonly startedAt: number; readonly accountProofs?: AccountProofs | undefined }

/** A session in use is touched at most this often, so that a read is seldom a write. */
const maxTouchEveryMilliseconds = 60_000

/** After the absolute lifetime the expiry moves slower by this factor: see storeExpiry. */
const slowdown = 1800

/**
 * When a session used at `now` ends: after its idle timeout, and in any case at its absolute lifetime, counted from
 * its start, or the last proof of the person, which resets both. Remembered sessions have timeouts of their own (ASVS
 * 7.3.1, 7.3.2; NIST SP 800-63B-4 §5.2); `cookie.maxAge` replaces the idle timeout. All in milliseconds.
 */
export function sessionExpiry(session: StartedFields, lifetimes: SessionLifetimes, now: number): number {
  return Math.min(now + policyOf(session, lifetimes).retention, absoluteExpiry(session, lifetimes))
}

/**
 * The expiry in the store of a session used at `seenAt`. This one date also encodes when the session was last
 * seen, so that a touch only moves it. Near the absolute lifetime it would stand still and lose that
 * information; so beyond it the expiry moves on by an 1800th of the time passed (a second in half an hour).
 * The session still ends at its absolute lifetime.
 */
export function storeExpiry(session: StartedFields, lifetimes: SessionLifetimes, seenAt: number): number {
  const { retention, lifetime } = policyOf(session, lifetimes)
  const idleEnd = seenAt + retention
  const last = lifetimeStart(session) + lifetime
  return idleEnd <= last ? idleEnd : last + Math.floor((idleEnd - last) / slowdown)
}

/** When a session with this store expiry was last used, within two seconds. */
export function lastSeen(session: StartedFields, lifetimes: SessionLifetimes, expiresAt: number): number {
  const { retention, lifetime } = policyOf(session, lifetimes)
  const last = lifetimeStart(session) + lifetime
  const idleEnd = expiresAt <= last ? expiresAt : last + (expiresAt - last) * slowdown
  return idleEnd - retention
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
  const isProofBelieved = lastProof(accountProofs) <= now + maxClockSkewMilliseconds
  if (isStartBelieved && isProofBelieved) return undefined
  const proofs = isProofBelieved && accountProofs ? { accountProofs } : {}
  return { ...rest, startedAt: Math.min(startedAt, now), ...proofs } as Session
}

/** How often a session in use is touched, in milliseconds: more often if its idle timeout is short. */
export function touchInterval(session: LifetimeFields, lifetimes: SessionLifetimes): number {
  return policyOf(session, lifetimes).touchEvery
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
 * How long ago the last proof was, in milliseconds. What was not proved counts as proved in 1970, and so does
 * what lies in the future: longer ago than any limit.
 */
export function proofAge(proofs: AccountProofs | undefined, now: number): number {
  const last = lastProof(proofs)
  return last > now + maxClockSkewMilliseconds ? now : Math.max(0, now - last)
}

function lastProof(proofs: AccountProofs | undefined): number {
  let last = 0
  if (proofs) for (const kind of proofKinds) last = Math.max(last, proofs[kind] ?? 0)
  return last
}

/** In whole seconds, rounded down. */
export interface TimeLeft {
  /** Without further use. */
  readonly idleSeconds: number
  /** With it. */
  readonly mostSeconds: number
}

/** How long a session lives that was just used. One that is not stored yet starts now. */
export function timeLeft(
  session: LifetimeFields & { readonly startedAt?: number },
  lifetimes: SessionLifetimes,
  now: number
): TimeLeft {
  const { retention, touchEvery, lifetime } = policyOf(session, lifetimes)
  const { startedAt = now, accountProofs } = session
  const age = Math.max(0, now - lifetimeStart({ startedAt, accountProofs }))
  return {
    idleSeconds: Math.floor((retention - touchEvery) / 1000),
    mostSeconds: Math.floor((lifetime - age) / 1000)
  }
}

/** When a session ends even if it is used. */
export function absoluteExpiry(session: StartedFields, lifetimes: SessionLifetimes): number {
  return lifetimeStart(session) + policyOf(session, lifetimes).lifetime
}

/**
 * Where the absolute lifetime begins: at the start, or at the last proof of the person (NIST SP 800-63B-4 §5.2): the
 * password, or a passkey whose owner was verified. A second factor alone prolongs nothing.
 */
export function lifetimeStart({ startedAt, accountProofs }: ProofFields): number {
  return Math.max(startedAt, accountProofs?.password ?? 0, accountProofs?.verified ?? 0)
}

/** What the lifetimes come to for one session, in milliseconds. */
interface Policy {
  /** How long it is stored after its last touch. */
  readonly retention: number
  /** How often it is touched while it is in use. */
  readonly touchEvery: number
  /** How long it lives even if it is used. */
  readonly lifetime: number
}

/**
 * The application's `cookie.maxAge` replaces the idle timeout: as express-session documents it, a session that is not
 * used for so long ends. It is limited to the lifetimes of remembered sessions.
 *
 * Uses within `touchEvery` do not touch the session, so counted from the last use it may be stored for that much less.
 * The settings are limits: a session may end early by that, but never late. An application's own maxAge is a promise, so
 * there `touchEvery` is added.
 */
function policyOf({ remember, cookie }: LifetimeFields, lifetimes: SessionLifetimes): Policy {
  const { idle, absolute, rememberIdle, rememberAbsolute } = lifetimes
  const asked = cookie?.originalMaxAge
  const maxAge = typeof asked === 'number' && asked > 0 ? Math.ceil(asked) : undefined
  const lifetime = remember || (maxAge ?? 0) > absolute ? rememberAbsolute : absolute
  const idleTime = remember ? rememberIdle : Math.min(maxAge ?? idle, rememberIdle)
  const touchEvery = Math.min(maxTouchEveryMilliseconds, Math.floor(idleTime / 10))
  const isPromised = !remember && maxAge !== undefined
  return {
    retention: isPromised ? Math.min(idleTime + touchEvery, rememberIdle) : idleTime,
    touchEvery,
    lifetime
  }
}
