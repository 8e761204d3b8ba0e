import { createHash } from 'node:crypto'
import { type Device, deviceFrom } from './device.ts'
import { lastSeen, type SessionLifetimes, sessionExpiry } from './lifetimes.ts'
import type { SessionRecord } from './session-record.ts'
import type { ListedSession } from './session-store.ts'

/** One of a person's sessions as that person may see it. */
export interface SessionSummary {
  /** Names the session without being a ticket to it. */
  readonly handle: string
  readonly startedAt: Date
  /** Give or take a minute. */
  readonly seenAt: Date
  /** When it is over unless it is used before. */
  readonly endsAt: Date
  readonly remembered: boolean
  /** Where the sign-in came from. */
  readonly address: string | undefined
  /** What signed in. */
  readonly device: Device
  /** The User-Agent where it has no names that people know. */
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
 * What a session is called in lists, logs and commands: short enough to be read out, never like an option, and
 * a hash of what may be a plain id.
 */
export function handleOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16)
}
