import type { Role } from '../../src/identity/roles.ts'
import type { FactorsAsked } from './missing-proofs.ts'

export interface RequireUserOptions {
  /**
   * How many factors must have been proved: `1`, `2`, `phishing-resistant` (two, one of them a passkey), or `all` (two as
   * soon as the account has a second factor). Without it: what SECOND_FACTOR asks for. Two count for a day, unless
   * `within` says how long; one counts as long as the session (ASVS 6.3.3, NIST SP 800-63B-4 §2.2).
   */
  readonly factors?: FactorsAsked
  /** How long ago each of them may have been proved, such as `10m` (ASVS 7.5.3). */
  readonly within?: string
  /** The required role. An administrator may do everything a user may. */
  readonly role?: Role
  /** A group that the user must be in, or several of which one is enough. Who is an administrator is in no group by that. */
  readonly group?: string | readonly string[]
  /**
   * Whether somebody whom an app knows by a name alone has to sign in to an account. So it is with `within`, and with more
   * factors than one.
   */
  readonly account?: boolean
  /** Whether the result has the confirmed address of the account, which costs a look at the account as it is now. */
  readonly email?: boolean
}

/** For what changes how an account is opened (ASVS 7.5.1). */
export const allFactors = { factors: 'all', within: '10m' } as const

/** For what administrators do to others: two factors, not just all there are. */
export const asAdministrator = { role: 'admin', factors: 2, within: '10m' } as const

/** For what an administrator looks at on a page. */
export const looking = { role: 'admin', factors: 'all' } as const

/** For what an administrator changes on a page: all factors that the account has, anew. */
export const administering = { ...looking, within: '10m' } as const
