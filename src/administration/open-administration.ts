import { AccountSearch } from '../accounts/account-search.ts'
import { FirstAccount } from '../accounts/first-account.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Database } from '../database/database.ts'
import type { SecondFactorPolicy } from '../identity/second-factor.ts'
import type { Notices } from '../mail/notices.ts'
import { Administration } from './administration.ts'
import type { AdministrationNeeds } from './administration-needs.ts'
import { People, type PeopleNeeds } from './people.ts'
import { SiteAdministration, type SiteAdministrationNeeds } from './site-administration.ts'
import { tellOwner } from './tell-owner.ts'

interface OpenAdministrationNeeds
  extends Omit<
    AdministrationNeeds & SiteAdministrationNeeds & PeopleNeeds,
    'record' | 'tell' | 'search' | 'secondFactor'
  > {
  readonly database: Database
  /** Tells people what happens to their accounts. */
  readonly notices: Notices
  readonly config: { readonly secondFactor: SecondFactorPolicy }
  readonly audit: Pick<AuditTrail, 'list' | 'record'>
  /** What signs cookies. */
  readonly secrets: readonly string[]
}

/** What plugins and routes get. */
export interface OpenAdministration {
  /** What administrators do to accounts. */
  readonly administration: Administration
  /** What they do besides: groups and invitations. */
  readonly siteAdministration: SiteAdministration
  /** What administrators look up. */
  readonly people: People
  /** Who may make the first account, and be the administrator. */
  readonly firstAccount: FirstAccount
}

export function openAdministration({
  database,
  config,
  secrets,
  notices,
  ...needs
}: OpenAdministrationNeeds): OpenAdministration {
  const record: AdministrationNeeds['record'] = (event) => needs.audit.record(event)
  return {
    administration: new Administration({
      ...{ ...needs, record, secondFactor: config.secondFactor },
      tell: tellOwner(database, notices)
    }),
    siteAdministration: new SiteAdministration({ ...needs, record }),
    people: new People({ ...needs, search: new AccountSearch(database.sql) }),
    firstAccount: new FirstAccount({ db: database.sql, secrets })
  }
}
