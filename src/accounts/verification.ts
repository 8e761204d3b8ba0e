import type { Flow } from '../primitives/fair-queue.ts'
import { networkOf } from '../web/client-network.ts'
import type { Account, StoredAccount } from './account.ts'

/** The most wrong passwords in a row: NIST SP 800-63B-4 §3.2.2. */
export const maxFailedAttempts = 100

export interface VerifyOptions {
  /** How many wrong passwords in a row are allowed, this one included; Infinity: this one is not counted. */
  readonly max?: number
  /** The client's, for a fair queue. */
  readonly address?: string
  /** The account that has the name, if it was just looked up; null: nobody has it. */
  readonly found?: StoredAccount | null
}

/** The result of verifying a password. */
export type Verification =
  | { readonly ok: true; readonly account: Account }
  /** Closed: after so many wrong passwords in a row not even the right one is accepted. */
  | { readonly ok: false; readonly reason?: 'closed' }

/** The account of a user whose password was just verified. */
export function verifiedAccount(account: StoredAccount): Account {
  const { id, name, role, secondFactors, version, language = null } = account
  const { email, signInNotices = true } = account
  const tellsOfSignIns = email !== undefined && signInNotices
  return { id, name, role, secondFactors, verifiedState: { id, version }, language, tellsOfSignIns }
}

/** @param account as it was before the attempt; undefined when there is none */
export function notVerified(account: StoredAccount | undefined, max: number): Verification {
  return account && account.failedAttempts >= max ? { ok: false, reason: 'closed' } : { ok: false }
}

/** Where an attempt waits, so that the queue is fair. @param account the key of its name */
export function flowOf(account: string, address = ''): Flow {
  return { network: networkOf(address), account }
}
