/** Events of accounts and sessions. The names are stable: programs may rely on them. */
export type AuditEventName =
  | 'sign-in'
  | 'sign-in-refused'
  | 'sign-in-throttled'
  | 'second-factor-asked'
  | 'proof'
  | 'sign-out'
  | 'registration'
  | 'password-change'
  | 'session-end'
  | 'sessions-end'
  | 'session-evict'
  | 'account-disable'
  | 'account-enable'
  | 'account-open'
  | 'account-remove'
  | 'role-change'
  | 'account-rename'
  | 'address-change'
  | 'address-undo'
  | 'accounts-import'
  | 'code-add'
  | 'code-remove'
  | 'code-refused'
  | 'passkey-add'
  | 'passkey-rename'
  | 'passkey-remove'
  | 'passkey-refused'
  | 'passkey-copied'
  | 'recovery-codes-make'
  | 'recovery-code-use'
  | 'factors-drop'
  | 'link-make'
  | 'link-use'
  | 'reset-request'
  | 'invitation-make'
  | 'invitation-use'
  | 'invitation-withdraw'
  | 'group-add'
  | 'group-remove'
  | 'group-join'
  | 'group-leave'
  | 'token-make'
  | 'token-end'
  | 'tokens-end'
  | 'gate-refused'
  | 'mail-failed'

/** An administrator, or whoever ran the `latchkey` command. The two are never confused. */
export type Actor =
  | { readonly kind: 'account'; readonly id?: string | undefined; readonly name: string }
  | { readonly kind: 'command' }

/** Who, when, from where, in which session. Never a password, a cookie, a session id or an unknown name. */
export interface AuditEntry {
  readonly at: Date
  readonly event: AuditEventName
  /** The name of the account concerned; undefined when the given name is unknown. */
  readonly name?: string | undefined
  /** After `account-rename`: the name that it had before. */
  readonly formerName?: string | undefined
  /**
   * The name of a group, a passkey or a token. Of an invitation: the role. After a sign-in or a proof with more than a
   * password: what was proved, such as `password totp`. After `gate-refused`:
   * the app, as GATE_HOSTS has it. After `mail-failed`: which mail, and why.
   */
  readonly detail?: string | undefined
  /** Why, as an administrator said it. */
  readonly reason?: string | undefined
  /** The id of that account; undefined if an app knows the user by a name alone. */
  readonly account?: string | undefined
  /** Who did it, if somebody else. */
  readonly by?: Actor | undefined
  readonly address?: string | undefined
  /** The handle of the session: see Sessions.handleOf. */
  readonly session?: string | undefined
}

export type AuditEvent = Omit<AuditEntry, 'at'>
