import { nameKey } from '../identity/names.ts'
import type { Account, StoredAccount } from './account.ts'

/** So many passwords in a row may be wrong before an account needs another way in: NIST SP 800-63B-4 §3.2.2. */
export const maxFailedAttempts = 100

/** Whether a password is the one of an account. */
export type Verification =
  | { readonly ok: true; readonly account: Account }
  /** Closed: so many were wrong in a row that not even the right one would have done. */
  | { readonly ok: false; readonly reason?: 'closed' }

/** An account as it is signed in with, by somebody who has proved just now whose it is. */
export function verifiedAccount({ name, role, version, createdAt }: StoredAccount): Account {
  return { name, role, verifiedState: { key: nameKey(name), version, createdAt } }
}

/** @param account as it was before the try; undefined: the name is nobody's */
export function notVerified(account: StoredAccount | undefined, max: number): Verification {
  return account && account.failedAttempts >= max ? { ok: false, reason: 'closed' } : { ok: false }
}
