import type { Kysely } from '#vendor/kysely'
import { AccountSearch } from '../accounts/account-search.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Tables } from '../database/tables.ts'
import type { SecondFactorPolicy } from '../identity/second-factor.ts'
import { Administration, type AdministrationNeeds } from './administration.ts'
import { People, type PeopleNeeds } from './people.ts'

interface OpenAdministrationNeeds
  extends Omit<AdministrationNeeds & PeopleNeeds, 'record' | 'search' | 'secondFactor'> {
  readonly database: { readonly sql: Kysely<Tables> }
  readonly config: { readonly secondFactor: SecondFactorPolicy }
  readonly audit: Pick<AuditTrail, 'list' | 'record'>
}

/** What plugins and routes get. */
export interface OpenAdministration {
  /** What administrators do. */
  readonly administration: Administration
  /** What administrators look up. */
  readonly people: People
}

export function openAdministration({
  database,
  config,
  ...needs
}: OpenAdministrationNeeds): OpenAdministration {
  const record: AdministrationNeeds['record'] = (event) => needs.audit.record(event)
  return {
    administration: new Administration({ ...needs, record, secondFactor: config.secondFactor }),
    people: new People({ ...needs, search: new AccountSearch(database.sql) })
  }
}
