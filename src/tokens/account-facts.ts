import { type AccountChanges, PresentAccounts } from '../accounts/present-accounts.ts'
import type { Database } from '../database/database.ts'
import { Groups } from '../groups/groups.ts'
import { GroupsStore } from '../groups/groups-store.ts'
import type { Notices } from '../mail/notices.ts'
import { Tokens } from './tokens.ts'
import { TokensStore } from './tokens-store.ts'

export interface AccountFactsNeeds {
  readonly database: Database
  readonly config: { readonly gateHosts: readonly string[] }
  /** When it resolves, every process knows what has changed. Throws StorageError. */
  readonly tell: () => Promise<void>
  /** See PresentAccounts. */
  readonly listen?: ((changed: (account?: string) => void) => AccountChanges) | undefined
  /** Without it, nobody is told of tokens. */
  readonly notices?: Notices
  /** A clock that never goes back. */
  readonly now?: () => number
  /** The clock of the machine. */
  readonly labels?: () => number
}

/** What is known of accounts that no session says: their groups, their tokens, and what they are now. */
export function openAccountFacts(needs: AccountFactsNeeds) {
  const { database, config, tell, listen, notices, now = Date.now, labels = Date.now } = needs
  const groups = new Groups({ store: new GroupsStore(database.sql, labels), tell })
  const present = new PresentAccounts({ db: database.sql, listen })
  const store = new TokensStore(database, now, notices)
  const tokens = new Tokens({ store, present, now, gateHosts: config.gateHosts, tell })
  return { groups, present, tokens }
}
