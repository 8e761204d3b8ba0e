import type { Generated } from '#vendor/kysely'

/** One-time codes of accounts, those before included: RFC 6238. */
export interface TotpTable {
  /** 128 random bits, base64url. */
  id: string
  account_id: string
  /** Sealed: see src/encryption/. Null once it was removed. */
  seed: string | null
  /** The 30 seconds, counted from 1970, of the last code that was right: no code of it or before counts. */
  last_step: number
  /** Wrong codes in a row, including those being checked now. */
  wrong_tries: Generated<number>
  created_at: number
  used_at: number | null
  removed_at: number | null
}

/** WebAuthn credentials of accounts, those before included. */
export interface PasskeysTable {
  /** The credential id, base64url. */
  id: string
  account_id: string
  /** COSE, base64url. Null once it was removed. */
  public_key: string | null
  /** COSE's number. */
  algorithm: number
  counter: number
  /** Separated by commas. */
  transports: string
  aaguid: string
  backup_eligible: number
  backed_up: number
  /** The domain that it was made for. */
  rp_id: string
  /** What its owner calls it. */
  name: string
  created_at: number
  used_at: number | null
  removed_at: number | null
}

export interface RecoveryCodesTable {
  /** SHA-256 of the normalized code, base64url. */
  hash: string
  account_id: string
  created_at: number
}

/** Links that can be used once. */
export interface LinkTokensTable {
  /** SHA-256 of the token in the link, base64url. */
  hash: string
  account_id: string
  /** The account's when the link was made: after a change it opens nothing. */
  account_version: number
  purpose: LinkPurpose
  /** Sealed; null where it is for no address. */
  address: string | null
  expires_at: number
}

export type LinkPurpose = PasswordLinkPurpose | 'confirm-address' | 'undo-address'

/**
 * To choose a new password: by a link of an administrator, by one that removes all second factors too, or by one from a mail.
 * `password-and-last-factors` removes them also from the last administrator who has any.
 */
export type PasswordLinkPurpose = (typeof passwordLinkPurposes)[number]

export const passwordLinkPurposes = [
  'password',
  'password-and-factors',
  'password-and-last-factors',
  'reset'
] as const

/** What counted once. */
export interface SpentTable {
  key: string
  /** After that it could not count anyway. */
  expires_at: number
}

/** The keys with which this database was sealed: a row that the ring cannot open is a key that is lost. */
export interface DataKeysTable {
  /** See KeyRing. */
  id: string
  /** A known text, sealed with the key. */
  canary: string
  created_at: number
}
