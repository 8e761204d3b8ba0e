import type { Insertable, Selectable } from '#vendor/kysely'
import type { AccountsTable } from '../database/tables.ts'
import { newAccountId } from '../identity/account-id.ts'
import { addressKey } from '../identity/email-address.ts'
import { skeletonOf } from '../identity/skeleton.ts'
import type { NewAccount, StoredAccount } from './account.ts'

/** @param now creation time of an account that has none, in milliseconds since 1970 */
export function toRow(account: NewAccount, now: number): Insertable<AccountsTable> {
  const {
    id = newAccountId(),
    key,
    name,
    passwordHash,
    role = 'user',
    createdAt,
    disabledAt,
    failedAttempts = 0,
    signedInAt,
    version = 1,
    email,
    emailAt,
    language = null,
    signInNotices = true
  } = account
  return {
    key,
    id,
    name,
    ...skeletonsOf({ name, key }),
    password_hash: passwordHash,
    version,
    created_at: createdAt?.getTime() ?? now,
    role,
    disabled_at: disabledAt?.getTime() ?? null,
    failed_attempts: failedAttempts,
    signed_in_at: signedInAt?.getTime() ?? 0,
    email: email ?? null,
    email_key: email === undefined ? null : (addressKey(email) ?? null),
    email_at: email === undefined ? null : (emailAt?.getTime() ?? now),
    language,
    sign_in_notices: Number(signInNotices)
  }
}

/** Whoever sees AIice (with a capital i) reads Alice, who may have written alice. */
export function skeletonsOf({ name, key }: Pick<NewAccount, 'name' | 'key'>) {
  return { skeleton: skeletonOf(name).toLowerCase(), key_skeleton: skeletonOf(key).toLowerCase() }
}

export function toAccount(row: Selectable<AccountsTable>): StoredAccount {
  return {
    id: row.id,
    name: row.name,
    passwordHash: row.password_hash,
    createdAt: new Date(row.created_at),
    role: row.role,
    disabledAt: row.disabled_at === null ? undefined : new Date(row.disabled_at),
    version: row.version,
    failedAttempts: row.failed_attempts,
    secondFactors: row.second_factors,
    ...(row.email !== null && { email: row.email, emailAt: new Date(row.email_at ?? 0) }),
    ...(row.language !== null && { language: row.language }),
    ...(row.sign_in_notices === 0 && { signInNotices: false }),
    signedInAt: row.signed_in_at === 0 ? undefined : new Date(row.signed_in_at)
  }
}
