import { type Device, deviceFrom } from './device.ts'
import { lastSeen, type SessionLifetimes, sessionExpiry, withoutFuture } from './lifetimes.ts'
import type { SessionKeys } from './session-keys.ts'
import type { StoredSession } from './session-store.ts'
import { recordIn } from './session-text.ts'

/** A session as its user may see it. */
export interface SessionSummary {
  /** Identifies the session, but gives no access to it. */
  readonly handle: string
  readonly startedAt: Date
  /** Within a minute. */
  readonly seenAt: Date
  /** When it ends if it is not used. */
  readonly endsAt: Date
  readonly remembered: boolean
  /** The address of the sign-in. */
  readonly address: string | undefined
  /** The device that signed in. */
  readonly device: Device
  /** The User-Agent if the device has no known names. */
  readonly userAgent: string | undefined
}

export function summarise(
  { key, text, expiresAt }: StoredSession & { readonly key: string },
  keys: Pick<SessionKeys, 'handleOf'>,
  { lifetimes, now }: { readonly lifetimes: SessionLifetimes; readonly now: number }
): SessionSummary {
  const record = recordIn(text)
  const stored = { startedAt: expiresAt, ...record }
  const session = withoutFuture(stored, lifetimes, now) ?? stored
  const seenAt = Math.min(lastSeen(stored, lifetimes, expiresAt), now)
  return {
    handle: keys.handleOf(key),
    startedAt: new Date(session.startedAt),
    seenAt: new Date(seenAt),
    endsAt: new Date(sessionExpiry(session, lifetimes, seenAt)),
    remembered: session.remember === true,
    address: session.address,
    get device() {
      return deviceFrom(session)
    },
    userAgent: session.userAgent
  }
}
