/** The mail that there is. Each is a view, `views/mail/NAME.txt.eta`. */
export const templates = [
  'reset',
  'confirm-address',
  'address-changed',
  'address-taken',
  'registration',
  'invitation',
  'sign-in',
  'password-changed',
  'name-changed',
  'factor-added',
  'factor-removed',
  'recovery-code-used',
  'recovery-codes-made',
  'factors-dropped',
  'link-made',
  'codes-refused',
  'codes-closed',
  'token-made',
  'token-ended',
  'role-changed',
  'account-disabled',
  'account-enabled',
  'account-administered',
  'account-removed',
  'test'
] as const

export type Template = (typeof templates)[number]

/** As the audit trail calls it. */
export type Administered = 'session-end' | 'sessions-end' | 'account-open' | 'group-join' | 'group-leave'

/** What a template is filled in with: its view says which of them it needs. One line each. */
export interface MailData {
  /** A link with the host of PUBLIC_URL. */
  readonly url?: string | undefined
  /** Until when the link can be used: ISO 8601. */
  readonly until?: string | undefined
  /** Of the account, for the greeting. Never in a mail to an address that nobody has confirmed: anybody may have chosen it. */
  readonly name?: string | undefined
  /** When it happened: ISO 8601. */
  readonly at?: string | undefined
  /** The IP address from which it was done. */
  readonly address?: string | undefined
  /** The User-Agent of whoever did it, as it was sent: the mail says which browser and system that is. */
  readonly device?: string | undefined
  /** Who did it to the account, if it was somebody else. */
  readonly by?: 'administrator' | 'command' | undefined
  /** The name of that administrator, or of the one who invites. */
  readonly administrator?: string | undefined
  /** The former name. */
  readonly former?: string | undefined
  /** The name of a passkey; missing: it is about codes. */
  readonly passkey?: string | undefined
  /** Why somebody else did it, as they said it. */
  readonly reason?: string | undefined
  /** What an administrator did, where no other template says so. */
  readonly did?: Administered | undefined
  /** The name of the group that it is about. */
  readonly group?: string | undefined
  /** The role that the account has now. */
  readonly role?: string | undefined
  /** `link`: a password was chosen through one. `session`: codes were tried by somebody who is signed in. */
  readonly how?: 'link' | 'session' | undefined
  /** Which codes are closed. */
  readonly codes?: 'app' | 'recovery' | undefined
  /** The name of a token; missing: all of them. */
  readonly token?: string | undefined
  /** `yes`: a link drops the factors too. */
  readonly dropsFactors?: 'yes' | undefined
  /** `yes`: for some hours the account is told nothing more of the kind. */
  readonly isLast?: 'yes' | undefined
}

/** A message to one account, to one address, or to an address that an account does not have yet: then both are given. */
export interface NewMail {
  readonly template: Template
  /** The id of an account. Without `to` the message goes to its address, and to those that it had lately. */
  readonly account?: string | undefined
  /** An address, checked: see src/identity/. */
  readonly to?: string | undefined
  readonly data: MailData
  /** From then on it is of no use and not sent, in milliseconds since 1970. */
  readonly expiresAt: number
  /**
   * The IP address of somebody whom the service does not know, and who caused it. It waits until the mail is sent that was
   * caused before by others; and for an hour, if there is more to send than can be, where it is for nobody who has an account.
   */
  readonly causedFrom?: string | undefined
  /** No more than so many of the template are written to an account since then, in milliseconds since 1970; the last says so. */
  readonly atMost?: { readonly mails: number; readonly since: number } | undefined
  /** Of two messages with the same text here the second is not written. */
  readonly once?: string | undefined
  /** A BCP 47 tag. By default the account's, if it is known. */
  readonly language?: string | undefined
  /** Whether it goes out although the account is removed. By default it is removed with the account. */
  readonly outlivesAccount?: boolean | undefined
}
