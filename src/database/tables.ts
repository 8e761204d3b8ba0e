import type { Generated } from '#vendor/kysely'
import type { Role } from '../identity/roles.ts'
import type {
  DataKeysTable,
  LinkTokensTable,
  PasskeysTable,
  RecoveryCodesTable,
  SpentTable,
  TotpTable
} from './factors-tables.ts'
import type {
  FormerAddressesTable,
  InvitationsTable,
  OutboxTable,
  ResetMailsTable,
  ResetRequestsTable
} from './mail-tables.ts'

/** The columns of all tables, as Kysely needs them. Times are milliseconds since 1970. */
export interface Tables {
  accounts: AccountsTable
  sessions: SessionsTable
  audit: AuditTable
  devices: DevicesTable
  attempts: AttemptsTable
  ledger: LedgerTable
  endings: EndingsTable
  former_names: FormerNamesTable
  user_groups: GroupsTable
  group_members: GroupMembersTable
  tokens: TokensTable
  totp: TotpTable
  passkeys: PasskeysTable
  recovery_codes: RecoveryCodesTable
  link_tokens: LinkTokensTable
  spent: SpentTable
  data_keys: DataKeysTable
  outbox: OutboxTable
  reset_requests: ResetRequestsTable
  former_addresses: FormerAddressesTable
  reset_mails: ResetMailsTable
  invitations: InvitationsTable
}

export interface AccountsTable {
  /** Made with the account, and never given to another: src/identity/account-id.ts. */
  id: string
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
  /** The key of the session that outlived the last change of `version`: of whoever signed out all others. */
  kept_session: string | null
  /** By which ending that waited in Redis `version` was raised last. */
  ended_by: Generated<string | null>
  /** How many second factors there are: one-time codes count as one, and each passkey. */
  second_factors: Generated<number>
  /** Wrong recovery codes in a row, including those being checked now. */
  wrong_recovery_codes: Generated<number>
  /** As typed, and confirmed: an address that is not confirmed is never here. */
  email: Generated<string | null>
  /** For comparison. Unique. */
  email_key: Generated<string | null>
  /** When it was confirmed. */
  email_at: Generated<number | null>
  /** The BCP 47 tag of its owner's language; null: not known. */
  language: Generated<string | null>
  /** 0 when its owner wants no mail about sign-ins. */
  sign_in_notices: Generated<number>
  /** When its owner signed in last; 0: never. See administration-schema.ts. */
  signed_in_at: Generated<number>
}

/** Only in the embedded database: with REDIS_URL sessions are in Redis. */
export interface SessionsTable {
  /** SHA-256 of the session id. */
  key: string
  /** The session as JSON. */
  record: string
  /** Whose it is: see ownerKeyOf. Null if nobody is signed in. */
  owner: string | null
  expires_at: number
}

/** Events of accounts and sessions: see src/audit/. */
export interface AuditTable {
  id: string
  at: number
  event: string
  name: string | null
  /** The id of the account. */
  account: string | null
  /** Who did it, if somebody else. */
  actor_kind: 'account' | 'command' | null
  /** The name of an account. */
  actor_name: string | null
  /** Its id. */
  actor_account: string | null
  address: string | null
  session: string | null
  /** Of an account that was renamed: the name that it had before. */
  former_name: string | null
  /** What the name of the event does not say: see AuditEntry. */
  detail: string | null
  /** Why an administrator did it. */
  reason: string | null
}

/** Names that accounts had before: see former-names-schema.ts. */
export interface FormerNamesTable {
  /** The id of the account. */
  account: string
  key: string
  name: string
  skeleton: string
  key_skeleton: string
  /** When it was given up. */
  at: number
  /** Until then nobody else can take it. */
  held_until: number
}

/** Groups of accounts: see src/groups/. */
export interface GroupsTable {
  /** The normalized name. */
  key: string
  name: string
  created_at: number
}

export interface GroupMembersTable {
  /** The id of the account. */
  account: string
  group_key: string
}

/** Tokens of accounts for programs: see src/tokens/. */
export interface TokensTable {
  /** SHA-256 of the token. */
  hash: string
  /** Names it in lists and addresses. */
  id: string
  account_id: string
  name: string
  /** Separated by spaces. */
  hosts: string
  for_api: number
  created_at: number
  expires_at: number
  used_at: number | null
}

/** Browsers in which accounts signed in: see src/throttle/known-devices.ts. */
export interface DevicesTable {
  /** The id of the account. */
  account: string
  /** A hash of the id in the device cookie. */
  id: string
  /** The account's when it signed in there: after a change it does not match. */
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

/** One row: the ledger of endings, see src/endings/. */
export interface LedgerTable {
  /** 128 random bits, base64url. Another database has another one. */
  id: string
  /** No number up to this one is missed: rows whose sessions are long over were deleted. */
  swept: number
  /** Everybody's sessions of an earlier one are over. */
  era: number
  /** In the embedded database counts every ending: see file-mark.ts. */
  ended: Generated<number>
}

/** What ended, in the order of the commits. Triggers write the rows of accounts. */
export interface EndingsTable {
  n: Generated<number>
  /** Random. A row that is logged twice is there once; a ledger that went back has another one under a number. */
  nonce: string
  kind: EndingKind
  /** Of a session: its key in the store. */
  key: string | null
  /** Of sessions: of which account, or `name:` and a name. */
  owner: string | null
  /** Of an account: its name, whose sessions without an account end too. */
  name: string | null
  /** Of a session that goes on: those below this generation ended. */
  gen: number | null
  /** Of an account, its `version`; of an era its number. */
  epoch: number | null
  /** The key of the session that goes on. */
  keep: string | null
  /** From when on nothing that it ended could still be there. */
  until: number
  /** Of an account that was renamed: its name from then on, which its sessions get. Empty when it was removed. */
  label: Generated<string | null>
  /** When it was logged, by the clock of the database. */
  at: Generated<number>
}

/** `facts`: nothing ended. Something else than its sessions changed of the owner, or of anybody's if it is empty. */
export type EndingKind = 'session' | 'account' | 'name' | 'era' | 'facts'
