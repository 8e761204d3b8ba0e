import type { RevocableSessions } from '../accounts/revocable-sessions.ts'
import type { Database } from '../database/database.ts'
import { type DataKeySettings, dataKeyRing } from '../encryption/data-keys.ts'
import { KeyUpkeep, type KeyUpkeepOptions } from '../encryption/key-upkeep.ts'
import { Factors } from './factors.ts'
import { FactorsStore } from './factors-store.ts'
import { Spent } from './spent.ts'

export interface OpenFactorsOptions {
  readonly config: DataKeySettings
  readonly database: Database
  readonly sessions: RevocableSessions
  readonly log: KeyUpkeepOptions['log']
  /** The clock of codes. */
  readonly now: () => number
  /** The clock of times that are shown. */
  readonly labels: () => number
}

/** Second factors and what they need. Call it when the database is open. */
export function openFactors({ config, database, sessions, log, now, labels }: OpenFactorsOptions) {
  const keys = dataKeyRing(config)
  return {
    factors: new Factors({ store: new FactorsStore(database, labels), sessions, keys, now }),
    spent: new Spent(database.sql, now),
    keyUpkeep: new KeyUpkeep({ db: database.sql, keys, log, now: labels })
  }
}
