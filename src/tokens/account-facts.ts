import { applied } from '../accounts/changes.ts'
import { PresentAccounts } from '../accounts/present-accounts.ts'
import type { Database } from '../database/database.ts'
import { Groups } from '../groups/groups.ts'
import { GroupsStore } from '../groups/groups-store.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { Tokens } from './tokens.ts'
import { TokensStore } from './tokens-store.ts'

export interface AccountFactsNeeds {
  readonly database: Database
  readonly store: SessionStore
  readonly sessions: Sessions
  readonly config: { readonly gateHosts: readonly string[] }
  /** A clock that never goes back. */
  readonly now: () => number
  /** The clock of the machine. */
  readonly labels: () => number
}

/** What a service knows of accounts that no session says: their groups, their tokens, and what they are now. */
export function openAccountFacts({ database, store, sessions, config, now, labels }: AccountFactsNeeds) {
  const tell = () => applied(sessions.applyEndings())
  const groups = new Groups({ store: new GroupsStore(database.sql, labels), tell })
  const present = new PresentAccounts({ db: database.sql, listen: store.tellAccounts?.bind(store) })
  const stored = new TokensStore(database.sql, now, database.noSyncSql)
  const tokens = new Tokens({ store: stored, present, now, gateHosts: config.gateHosts, tell })
  return { groups, present, tokens }
}
