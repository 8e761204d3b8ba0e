/** What can happen to an account or a session. The words are stable: programs may rely on them. */
export type AuditEventName =
  | 'sign-in'
  | 'sign-in-refused'
  | 'sign-in-throttled'
  | 'proof'
  | 'sign-out'
  | 'registration'
  | 'password-change'
  | 'session-end'
  | 'sessions-end'
  | 'account-disable'
  | 'account-enable'
  | 'account-remove'
  | 'role-change'
  | 'accounts-import'

/** Who, when, from where, in which session. Never a password, a cookie, a session id or a name nobody has. */
export interface AuditEntry {
  readonly at: Date
  readonly event: AuditEventName
  /** Whose account it is; undefined when the name that was given is nobody's. */
  readonly name?: string | undefined
  /** Who did it, where that is somebody else: an administrator, or `command line`. */
  readonly by?: string | undefined
  readonly address?: string | undefined
  /** The handle of the session: see Sessions.handleOf. */
  readonly session?: string | undefined
}

export type AuditEvent = Omit<AuditEntry, 'at'>
