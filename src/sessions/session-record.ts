import type { Role } from '../identity/roles.ts'

/** What Latchkey itself keeps in a session. Every other key is the application's own. */
export interface LatchkeyFields {
  /** The cookie's attributes as express-session writes them; an age (milliseconds) of null: until the browser closes. */
  cookie: { originalMaxAge: number | null }
  /** The name of who is signed in. */
  user?: string
  /**
   * What that person may do here; left out by whoever signs people in without Latchkey: a user. Not `role`, which an
   * application may keep for itself.
   */
  accountRole?: Role
  /** When the session began, which for a signed-in one is the sign-in: milliseconds since 1970. */
  startedAt?: number
  /** Whether it lives by the remember-me lifetimes. */
  remember?: boolean
  /** Where the sign-in came from: an IP address. */
  address?: string
  /** The browser that signed in and its system, by names that people know. */
  device?: readonly [browser: string, system: string | null]
  /** The User-Agent in place of them where it has no such names, cut to 256 characters. */
  userAgent?: string
}

/** A session as it is stored: JSON that express-session and connect-redis read too. */
export interface SessionRecord extends LatchkeyFields {
  [key: string]: unknown
}

/**
 * The name of who is signed in. An Express app may keep something else under `user`, such as null for nobody: that
 * is nobody's name.
 */
export function ownerOf({ user }: { readonly user?: unknown }): string | undefined {
  return typeof user === 'string' && user !== '' ? user : undefined
}

/** The compiler refuses this list when it lacks a field. */
const latchkeyFields: Readonly<Record<keyof LatchkeyFields, true>> = {
  cookie: true,
  user: true,
  accountRole: true,
  startedAt: true,
  remember: true,
  address: true,
  device: true,
  userAgent: true
}

/** Whether a key of a record is Latchkey's to write, and no application's. */
export function isLatchkeyField(key: string): boolean {
  return Object.hasOwn(latchkeyFields, key)
}

export type StartedRecord = SessionRecord & { readonly startedAt: number }

/** Whether Latchkey kept it before; a session that another program began has no start yet. */
export function isStarted(record: SessionRecord): record is StartedRecord {
  return record.startedAt !== undefined
}
