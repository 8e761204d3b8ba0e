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
  'factor-added',
  'factor-removed',
  'recovery-code-used',
  'recovery-codes-used-up',
  'factors-dropped',
  'link-made',
  'role-changed',
  'account-disabled',
  'account-enabled',
  'account-removed',
  'test'
] as const

export type Template = (typeof templates)[number]

/** What a template is filled in with. Which of them there are depends on the template. */
export interface MailData {
  /** A link with the host of PUBLIC_URL. */
  readonly url?: string | undefined
  /** Of the account. */
  readonly name?: string | undefined
  /** When it happened: ISO 8601. */
  readonly at?: string | undefined
  /** The IP address from which it was done. */
  readonly address?: string | undefined
  /** The browser and system in which it was done. */
  readonly device?: string | undefined
  /** The name of whoever did it to the account, if it was somebody else. */
  readonly by?: string | undefined
  readonly [more: string]: string | undefined
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
  /** Of two messages with the same text here the second is not written. */
  readonly once?: string | undefined
  /** A BCP 47 tag. By default the account's, if it is known. */
  readonly language?: string | undefined
  /** Whether it goes out although the account is removed. By default it is removed with the account. */
  readonly outlivesAccount?: boolean | undefined
}
