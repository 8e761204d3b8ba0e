import type { Accounts } from '../accounts/accounts.ts'
import type { RevocableSessions } from '../accounts/revocable-sessions.ts'
import type { Database } from '../database/database.ts'
import { type DataKeySettings, dataKeyRing } from '../encryption/data-keys.ts'
import { KeyUpkeep, type KeyUpkeepOptions } from '../encryption/key-upkeep.ts'
import { processClock } from '../primitives/clock.ts'
import { CodeEnrolments } from './code-enrolments.ts'
import { Factors } from './factors.ts'
import { FactorsStore } from './factors-store.ts'
import { LinkStore } from './link-store.ts'
import { Links } from './links.ts'
import { Spent } from './spent.ts'

export interface OpenFactorsOptions {
  readonly config: DataKeySettings & { readonly branding: { readonly name: string } }
  readonly database: Database
  readonly sessions: RevocableSessions
  readonly accounts: Pick<Accounts, 'newPasswords'>
  readonly log: KeyUpkeepOptions['log']
  /** The clock of codes. */
  readonly now?: () => number
  /** The clock of times that are shown. */
  readonly labels?: () => number
}

/** What plugins and routes get. */
export interface SecondFactors {
  readonly factors: Factors
  /** Codes from an authenticator app, until they are set up. */
  readonly enrolments: CodeEnrolments
  readonly links: Links
  readonly spent: Spent
}

/** Second factors and what they need. Call it when the database is open. */
export function openFactors({
  config,
  database,
  ...options
}: OpenFactorsOptions): SecondFactors & { readonly keyUpkeep: KeyUpkeep } {
  const { sessions, accounts, log, now = processClock, labels = Date.now } = options
  const { newPasswords } = accounts
  const keys = dataKeyRing(config)
  return {
    factors: new Factors({ store: new FactorsStore(database, labels), sessions, keys, now }),
    enrolments: new CodeEnrolments(keys, config.branding.name),
    links: new Links({ store: new LinkStore(database), newPasswords, sessions, now }),
    spent: new Spent(database.sql, now),
    keyUpkeep: new KeyUpkeep({ db: database.sql, keys, log, now: labels })
  }
}
