import type { Clock } from '../primitives/clock.ts'
import { freshUntil, lastSeen, type SessionLifetimes, sessionExpiry, withoutFuture } from './lifetimes.ts'
import type { ParsedSession } from './parsed-session.ts'
import { isStarted, type SessionRecord, type StartedRecord } from './session-record.ts'
import type { StoredSession } from './session-store.ts'

/** A session as loaded, read-only; `expiresAt` is the expiry before this use. */
export interface LoadedSession extends StoredSession {
  readonly record: Readonly<SessionRecord>
  /** Whether this use touched it. */
  readonly isTouched?: boolean
}

/** What an id leads to. */
export interface Found {
  /** undefined if it does not exist, was ended or has expired, or has another id by now. */
  readonly session: LoadedSession | undefined
  /** Whether the session lives under another id: its browser has another cookie, or is about to get it. */
  readonly isSuperseded: boolean
}

export interface LoadedSessionsOptions {
  readonly lifetimes: SessionLifetimes
  readonly now: Clock
}

/** Says of a loaded session whether it is fresh, and when it ends. */
export class LoadedSessions {
  readonly #lifetimes: SessionLifetimes
  readonly #now: Clock

  constructor({ lifetimes, now }: LoadedSessionsOptions) {
    this.#lifetimes = lifetimes
    this.#now = now
  }

  /** Until when it only needs to be read. */
  freshUntil(session: ParsedSession): number {
    session.freshUntil ??= this.#freshUntil(session)
    return session.freshUntil
  }

  /** When it ends unless it is used: milliseconds since 1970. It was seen now at the latest. */
  endOf({ record, expiresAt }: LoadedSession): number {
    const now = this.#now()
    const session = isStarted(record) ? record : { ...record, startedAt: now }
    const seenAt = Math.min(lastSeen(session, this.#lifetimes, expiresAt), now)
    return Math.min(sessionExpiry(session, this.#lifetimes, seenAt), expiresAt)
  }

  /** See lifetimes.ts. */
  withoutFuture(record: StartedRecord): StartedRecord | undefined {
    return withoutFuture(record, this.#lifetimes, this.#now())
  }

  isOver(loaded: LoadedSession): boolean {
    return this.endOf(loaded) <= this.#now()
  }

  #freshUntil({ record, expiresAt, formerText }: ParsedSession): number {
    // The first use under another name is a write.
    if (formerText !== undefined) return 0
    // The first use after a regenerate is a write: see SessionRenewals.settle.
    if (!isStarted(record) || record.formerSecret !== undefined) return 0
    return freshUntil(record, this.#lifetimes, { expiresAt, now: this.#now() })
  }
}
