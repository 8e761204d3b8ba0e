import type { Accounts } from '../accounts/accounts.ts'
import type { RevocableSessions } from '../accounts/revocable-sessions.ts'
import type { Database } from '../database/database.ts'
import { type DataKeySettings, dataKeyRing } from '../encryption/data-keys.ts'
import { KeyUpkeep, type KeyUpkeepOptions } from '../encryption/key-upkeep.ts'
import { needsSecondFactor, type SecondFactorPolicy } from '../identity/second-factor.ts'
import { type Notices, noNotices } from '../mail/notices.ts'
import { noPostbox, type Postbox } from '../mail/outbox.ts'
import { processClock } from '../primitives/clock.ts'
import { CodeEnrolments } from './code-enrolments.ts'
import { Factors } from './factors.ts'
import { FactorsStore } from './factors-store.ts'
import { LinkStore } from './link-store.ts'
import { Links } from './links.ts'
import { RefusedCodes } from './refused-codes.ts'
import { ResetRequests, type ResetRequestsOptions } from './reset-requests.ts'
import { ResetStore } from './reset-store.ts'
import { Spent } from './spent.ts'

export interface OpenFactorsOptions {
  readonly config: DataKeySettings & {
    readonly branding: { readonly name: string }
    readonly secondFactor: SecondFactorPolicy
  }
  readonly database: Database
  readonly sessions: RevocableSessions
  readonly accounts: Pick<Accounts, 'newPasswords'>
  readonly log: KeyUpkeepOptions['log']
  /** Where mail is posted. Without it, mail is off. */
  readonly postbox?: Postbox
  /** Without it, nobody is told of changes. */
  readonly notices?: Notices
  /** The address of a page for people, in mails. @param path from the root, as in a view */
  readonly addressOf: (path: string) => string
  /** See ResetRequests. */
  readonly onReset?: ResetRequestsOptions['onMail']
  /** The same. */
  readonly registrations?: ResetRequestsOptions['registrations']
  /** See ResetRequests. */
  readonly browsers?: ResetRequestsOptions['browsers']
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
  /** Forgotten passwords. Nothing looks them up before `start`. */
  readonly resets: ResetRequests
  readonly spent: Spent
  readonly refusedCodes: RefusedCodes
}

/** Second factors and what they need. Call it when the database is open. */
export function openFactors({
  config,
  database,
  ...options
}: OpenFactorsOptions): SecondFactors & { readonly keyUpkeep: KeyUpkeep } {
  const { sessions, accounts, log, now = processClock, labels = Date.now } = options
  const { postbox = noPostbox, notices = noNotices, addressOf, onReset: onMail = async () => {} } = options
  const { browsers, registrations } = options
  const { newPasswords } = accounts
  const keys = dataKeyRing(config)
  const keepsLast = needsSecondFactor(config.secondFactor, 'admin')
  const requests = { store: new ResetStore(database), keys, browsers, registrations }
  return {
    factors: new Factors({ store: new FactorsStore(database, labels, notices), sessions, keys, now }),
    enrolments: new CodeEnrolments(keys, config.branding.name),
    links: new Links({ store: new LinkStore(database, notices), newPasswords, sessions, keepsLast, now }),
    resets: new ResetRequests({ ...requests, postbox, addressOf, onMail, log, now }),
    spent: new Spent(database.sql, now),
    refusedCodes: new RefusedCodes(database, notices),
    keyUpkeep: new KeyUpkeep({ db: database.sql, keys, log, now: labels })
  }
}
