/**
 * A session as it is stored: JSON that express-session and connect-redis read too. Every key but these is
 * the application's own.
 */
export interface SessionRecord {
  /** The cookie's attributes as express-session writes them; an age (milliseconds) of null: until the browser closes. */
  cookie: { originalMaxAge: number | null }
  /** The name of who is signed in. */
  user?: string
  /** When the session began, which for a signed-in one is the sign-in: milliseconds since 1970. */
  startedAt?: number
  /** Whether it lives by the remember-me lifetimes. */
  remember?: boolean
  [key: string]: unknown
}
