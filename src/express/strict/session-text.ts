/** What a session holds for the application, to be compared: as express-session, all but its cookie. */
export function textOf(session: object | undefined): string | undefined {
  return session && JSON.stringify({ ...session, cookie: undefined })
}
