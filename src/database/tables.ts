import type { Generated } from 'kysely'
import type { Role } from '../identity/roles.ts'

/** The columns of every table, as Kysely wants them. Times are milliseconds since 1970. */
export interface Tables {
  accounts: AccountsTable
  sessions: SessionsTable
  audit: AuditTable
  attempts: AttemptsTable
}

export interface AccountsTable {
  /** What names are compared by. */
  key: string
  name: string
  /** A PHC string. */
  password_hash: string
  /**
   * 1 at first, one more at every change that ends the person's sessions: of the password or the role, and
   * when the account is disabled. Not when the same password is hashed anew.
   */
  version: number
  created_at: number
  /** 1 for an account that was made because there was none, else null. Unique, so two cannot both be the first. */
  first: number | null
  role: Generated<Role>
  /** Since when nobody can sign in with it; null: one can. */
  disabled_at: number | null
  /** How many passwords in a row were not the right one, or are being looked at. */
  failed_attempts: Generated<number>
}

/** Only in the embedded database: with REDIS_URL sessions are there. */
export interface SessionsTable {
  /** SHA-256 of the session id. */
  key: string
  /** The session as JSON. */
  record: string
  /** Whose it is; null for nobody's. */
  owner: string | null
  expires_at: number
}

/** What happened to accounts and sessions: see src/audit/. */
export interface AuditTable {
  id: string
  at: number
  event: string
  name: string | null
  /** Who did it, where that is somebody else. */
  actor_kind: 'account' | 'command' | null
  /** Of an account. */
  actor_name: string | null
  address: string | null
  session: string | null
}

/** How often somebody tried in vain to sign in: see src/throttle/. Only in the embedded database. */
export interface AttemptsTable {
  key: string
  count: number
  /** When the last one was counted. */
  at: number
  blocked_until: number
  expires_at: number
}
