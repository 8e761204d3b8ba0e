import type { Accounts } from '../accounts/accounts.ts'
import type { EmailAddresses } from '../accounts/email-addresses.ts'
import type { Renaming } from '../accounts/renaming.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import type { Factors } from '../factors/factors.ts'
import type { Links } from '../factors/links.ts'
import type { ResetRequests } from '../factors/reset-requests.ts'
import type { Groups } from '../groups/groups.ts'
import type { SecondFactorPolicy } from '../identity/second-factor.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Throttle } from '../throttle/throttle.ts'
import type { Tokens } from '../tokens/tokens.ts'
import type { TellOwner } from './tell-owner.ts'

/** What the actions need. Each is looked up when it is used. */
export interface AdministrationNeeds {
  readonly accounts: Pick<
    Accounts,
    'findById' | 'disable' | 'enable' | 'forgetFailedAttempts' | 'setRole' | 'remove'
  >
  readonly renaming: Pick<Renaming, 'rename'>
  readonly addresses: Pick<EmailAddresses, 'set'>
  readonly sessions: Pick<Sessions, 'revokeOne' | 'revokeAllOf'>
  readonly factors: Pick<Factors, 'dropAll' | 'forgetWrongTries'>
  readonly links: Pick<Links, 'make'>
  readonly resets: Pick<ResetRequests, 'ask'>
  readonly groups: Pick<Groups, 'join' | 'leave'>
  readonly tokens: Pick<Tokens, 'end' | 'endAll'>
  readonly throttle: Pick<Throttle, 'reset'>
  /** SECOND_FACTOR. */
  readonly secondFactor: SecondFactorPolicy
  readonly tell: TellOwner
  readonly record: (event: AuditEvent) => Promise<void>
}
