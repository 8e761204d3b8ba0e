import type { Generated } from '#vendor/kysely'
import type { Role } from '../identity/roles.ts'

/** Mail that waits to be sent, was sent, or could not be: see src/mail/. */
export interface OutboxTable {
  /** 128 random bits, base64url: the left part of the Message-ID. */
  id: string
  /** Null where nobody has an account, or where it goes out although the account is removed. */
  account_id: string | null
  /** The address, sealed. */
  recipient: string
  template: string
  /** A BCP 47 tag; null: that of the installation. */
  language: string | null
  /** What the template is filled in with: JSON, sealed. Null once it was sent. */
  data: string | null
  /** Of two messages with the same one the second is not written. */
  once: string | null
  created_at: number
  /** When it is tried next. */
  next_at: number
  tries: Generated<number>
  /** Until then the process that took it is sending it. */
  leased_until: Generated<number>
  /** From then on it is of no use. */
  expires_at: number
  sent_at: number | null
  /** Since when it is not tried any more. */
  failed_at: number | null
  /** What went wrong the last time. */
  error: string | null
  /** Of those that are due, the lowest is sent first: milliseconds since 1970. */
  turn: Generated<number>
  /** Who caused it, if the service does not know them: the same for the same network, without showing it. */
  network: Generated<string | null>
}

/** Who forgot a password, until it is looked up. */
export interface ResetRequestsTable {
  /** 128 random bits, base64url. */
  id: string
  /** What was typed, sealed. */
  typed: string
  /** See widerNetworkOf. */
  network: string
  language: string | null
  created_at: number
  leased_until: Generated<number>
}

/** Links for a forgotten password that were mailed because of one network, and that nobody has used. */
export interface ResetMailsTable {
  account_id: string
  /** See widerNetworkOf. */
  network: string
  mails: number
  last_at: number
}

/** Addresses that accounts had before, which are still told what happens. */
export interface FormerAddressesTable {
  /** 128 random bits, base64url. */
  id: string
  account_id: string
  /** Sealed. */
  address: string
  until: number
}

/** Links for people who have no account yet. */
export interface InvitationsTable {
  /** SHA-256 of the token in the link, base64url. */
  hash: string
  kind: InvitationKind
  /** Sealed. */
  address: string
  /** The same for the same address, without showing it. */
  address_key: string
  role: Generated<Role>
  /** The id of an account; null: the command. */
  invited_by: string | null
  language: string | null
  created_at: number
  expires_at: number
  /** Who asked for a registration: the same for the same network, without showing it. */
  network: Generated<string | null>
}

export type InvitationKind = 'invitation' | 'registration'
