import type { AccountsStore } from './accounts-store.ts'
import type { Passwords } from './passwords.ts'
import type { Registration } from './registration.ts'
import type { RevocableSessions } from './revocable-sessions.ts'

export interface AccountsOptions {
  readonly store: AccountsStore
  readonly sessions: RevocableSessions
  readonly passwords: Passwords
  readonly registration: Registration
  /** In code points. */
  readonly passwordMinLength: number
  /** The address of the service; its host name is not allowed as a password. */
  readonly publicUrl?: URL | undefined
  /** The name of the site; its words are not allowed as a password either. */
  readonly siteName?: string | undefined
  /** Whether mail is sent: see checkNewName. */
  readonly sendsMail?: (() => boolean) | undefined
}
