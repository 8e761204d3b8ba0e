import type { Role } from '../identity/roles.ts'

/** Latchkey's own fields of a session. All other keys are the application's. */
export interface LatchkeyFields {
  /**
   * The cookie's attributes as express-session writes them; an originalMaxAge (milliseconds) of null means
   * until the browser closes.
   */
  cookie: { originalMaxAge: number | null }
  /** The name of the signed-in user. */
  user?: string
  /**
   * The user's role. Missing if an app signed the user in without Latchkey, which means `user`. Not called
   * `role`, which an application may use itself.
   */
  accountRole?: Role
  /** When the session started (for a signed-in session, the sign-in): milliseconds since 1970. */
  startedAt?: number
  /** Whether it has the lifetimes of "stay signed in". */
  remember?: boolean
  /** The IP address of the sign-in. */
  address?: string
  /** Names of the browser that signed in, and its system. */
  device?: readonly [browser: string, system: string | null]
  /** The User-Agent if the names are unknown, cut to 256 characters. */
  userAgent?: string
}

/** A session as stored: JSON that express-session and connect-redis read too. */
export interface SessionRecord extends LatchkeyFields {
  [key: string]: unknown
}

/**
 * The name of the signed-in user. An Express app may store something else under `user`, such as null: then
 * nobody is signed in.
 */
export function ownerOf({ user }: { readonly user?: unknown }): string | undefined {
  return typeof user === 'string' && user !== '' ? user : undefined
}

/** The compiler requires every field in this list. */
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

/** Whether a key of a record belongs to Latchkey and not to the application. */
export function isLatchkeyField(key: string): boolean {
  return Object.hasOwn(latchkeyFields, key)
}

export type StartedRecord = SessionRecord & { readonly startedAt: number }

/** Whether Latchkey has stored it before; a session of another program has no start time yet. */
export function isStarted(record: SessionRecord): record is StartedRecord {
  return record.startedAt !== undefined
}
