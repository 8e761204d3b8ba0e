import type { Accounts } from '../accounts/accounts.ts'
import type { EmailAddresses } from '../accounts/email-addresses.ts'
import type { Renaming } from '../accounts/renaming.ts'
import { Administration } from '../administration/administration.ts'
import type { AdministrationNeeds } from '../administration/administration-needs.ts'
import { SiteAdministration } from '../administration/site-administration.ts'
import type { SecondFactors } from '../factors/open-factors.ts'
import type { Groups } from '../groups/groups.ts'
import type { Owner } from '../identity/owner-key.ts'
import type { SecondFactorPolicy } from '../identity/second-factor.ts'
import type { Invitations } from '../invitations/invitations.ts'
import { once } from '../primitives/once.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Tokens } from '../tokens/tokens.ts'

interface Needs {
  readonly accounts: Accounts
  readonly renaming: Renaming
  readonly groups: Groups
  readonly tokens: Tokens
  readonly secondFactor: SecondFactorPolicy
  readonly record: AdministrationNeeds['record']
  readonly tell: AdministrationNeeds['tell']
  readonly resetAttempts: (account: Owner) => Promise<void>
  /** The rest is opened when something is done with it. */
  readonly sessions: () => Promise<Sessions>
  readonly secondFactors: () => SecondFactors
  readonly addresses: () => EmailAddresses
  readonly invitations: () => Invitations
}

/** What administrators do, for the command: the same as on the pages and in the API. */
export function commandAdministration({
  sessions,
  secondFactors,
  addresses,
  invitations,
  resetAttempts,
  ...needs
}: Needs) {
  const opened = once(secondFactors)
  return {
    administration: new Administration({
      ...needs,
      sessions: {
        revokeOne: async (...args) => (await sessions()).revokeOne(...args),
        revokeAllOf: async (...args) => (await sessions()).revokeAllOf(...args)
      },
      throttle: { reset: ({ name, account }) => resetAttempts({ id: account ?? '', name }) },
      get factors() {
        return opened().factors
      },
      get links() {
        return opened().links
      },
      get resets() {
        return opened().resets
      },
      get addresses() {
        return addresses()
      }
    }),
    siteAdministration: new SiteAdministration({
      ...needs,
      get invitations() {
        return invitations()
      }
    })
  }
}
