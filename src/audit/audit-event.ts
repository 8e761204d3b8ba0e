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

/** An administrator by name, or whoever typed the `latchkey` command. No name of an account is ever taken for it. */
export type Actor = { readonly kind: 'account'; readonly name: string } | { readonly kind: 'command' }

/** Who, when, from where, in which session. Never a password, a cookie, a session id or a name nobody has. */
export interface AuditEntry {
  readonly at: Date
  readonly event: AuditEventName
  /** Whose account it is; undefined when the name that was given is nobody's. */
  readonly name?: string | undefined
  /** Who did it, where that is somebody else. */
  readonly by?: Actor | undefined
  readonly address?: string | undefined
  /** The handle of the session: see Sessions.handleOf. */
  readonly session?: string | undefined
}

export type AuditEvent = Omit<AuditEntry, 'at'>
