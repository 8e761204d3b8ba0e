import type { SessionAddress } from '../session-keys.ts'
import type { SessionRecord } from '../session-record.ts'
import type { LoadedSession, Sessions } from '../sessions.ts'

export interface CallbackStoreOptions {
  readonly sessions: Sessions | Promise<Sessions>
  /** Where a session id leads, which a request may know already; hashed by default. */
  readonly addressOf?: (id: string) => string | SessionAddress
  /** The cookie of a loaded session. By default only its originalMaxAge. */
  readonly cookieOf?: (loaded: LoadedSession) => SessionRecord['cookie']
  /** The stored form of a cookie. By default the whole cookie. */
  readonly storedCookie?: (cookie: SessionRecord['cookie']) => SessionRecord['cookie']
}

export function ageOnly({ record }: LoadedSession): SessionRecord['cookie'] {
  const { originalMaxAge } = record.cookie
  return { originalMaxAge }
}
