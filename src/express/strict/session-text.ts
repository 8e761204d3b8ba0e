/** The session's data as text, for comparison: all but the cookie, as in express-session. */
export function textOf(session: object | undefined): string | undefined {
  return session && JSON.stringify({ ...session, cookie: undefined })
}
