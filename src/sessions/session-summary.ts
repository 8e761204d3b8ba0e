import { createHash } from 'node:crypto'
import { type Device, deviceFrom } from './device.ts'
import { lastSeen, type SessionLifetimes, sessionExpiry } from './lifetimes.ts'
import type { SessionRecord } from './session-record.ts'
import type { ListedSession } from './session-store.ts'

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
  { key, text, expiresAt }: ListedSession,
  lifetimes: SessionLifetimes
): SessionSummary {
  const record: SessionRecord = JSON.parse(text)
  const session = { startedAt: expiresAt, ...record }
  const seenAt = lastSeen(session, lifetimes, expiresAt)
  return {
    handle: handleOf(key),
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

/**
 * The name of a session in lists, logs and commands: short enough to read aloud, never like an option, and a
 * hash of the key, which may be a plain id.
 */
export function handleOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16)
}
