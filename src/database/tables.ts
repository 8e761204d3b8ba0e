import type { Generated } from 'kysely'
import type { Role } from '../identity/roles.ts'

/** The columns of all tables, as Kysely needs them. Times are milliseconds since 1970. */
export interface Tables {
  accounts: AccountsTable
  sessions: SessionsTable
  audit: AuditTable
  devices: DevicesTable
  attempts: AttemptsTable
}

export interface AccountsTable {
  /** The normalized name. */
  key: string
  name: string
  /** Of the name and of its key, in lower case: names with one in common look alike (src/identity/skeleton.ts). */
  skeleton: string
  key_skeleton: string
  /** 1 if a visitor made it: of two such accounts neither skeleton is the same. */
  registered: Generated<number>
  /** A PHC string. */
  password_hash: string
  /**
   * Starts at 1 and grows with each change that ends the user's sessions: password, role, disabling. Not when
   * the same password is hashed again.
   */
  version: number
  created_at: number
  /** 1 for the account that was created as the first one, else null. Unique, so there cannot be two. */
  first: number | null
  role: Generated<Role>
  /** Since when sign-in is refused; null: it is allowed. */
  disabled_at: number | null
  /** Wrong passwords in a row, including those being checked now. */
  failed_attempts: Generated<number>
}

/** Only in the embedded database: with REDIS_URL sessions are in Redis. */
export interface SessionsTable {
  /** SHA-256 of the session id. */
  key: string
  /** The session as JSON. */
  record: string
  /** The user name; null if nobody is signed in. */
  owner: string | null
  expires_at: number
}

/** Events of accounts and sessions: see src/audit/. */
export interface AuditTable {
  id: string
  at: number
  event: string
  name: string | null
  /** Who did it, if somebody else. */
  actor_kind: 'account' | 'command' | null
  /** The name of an account. */
  actor_name: string | null
  address: string | null
  session: string | null
}

/** Browsers in which accounts signed in: see src/throttle/known-devices.ts. */
export interface DevicesTable {
  /** The key of the account. */
  account: string
  /** A hash of the id in the device cookie. */
  id: string
  /** The account when it signed in there: another account of that name, or a change of this one, does not match. */
  created_at: number
  version: number
  used_at: number
}

/** Counters of failed attempts: see src/throttle/. Only in the embedded database. */
export interface AttemptsTable {
  key: string
  count: number
  /** Time of the last attempt. */
  at: number
  blocked_until: number
  expires_at: number
}
