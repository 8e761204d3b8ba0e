import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { presentPasskeys, presentTotp } from './factor-changes.ts'
import { type FactorsOf, maxWrongCodes, type RecordedFactor } from './factors-of.ts'
import { toPasskey } from './passkey-rows.ts'

/** All second factors of an account; none of one that does not exist. */
export async function readFactors(db: Kysely<Tables>, accountId: string): Promise<FactorsOf> {
  const ofAccount = db
    .selectFrom('accounts')
    .leftJoin('recovery_codes', 'recovery_codes.account_id', 'accounts.id')
    .select(({ fn }) => [
      'wrong_recovery_codes as wrong',
      fn.count('recovery_codes.hash').as('left'),
      fn.max('recovery_codes.created_at').as('at')
    ])
    .where('accounts.id', '=', accountId)
    .groupBy(['accounts.id', 'wrong_recovery_codes'])
  const [account, codes, passkeys] = await Promise.all([
    ofAccount.executeTakeFirst(),
    presentTotp(db, accountId).select(['created_at', 'used_at', 'wrong_tries']).executeTakeFirst(),
    presentPasskeys(db, accountId).selectAll().orderBy('created_at').orderBy('id').execute()
  ])
  return {
    codes: codes && {
      createdAt: new Date(Number(codes.created_at)),
      usedAt: dateOf(codes.used_at),
      isClosed: codes.wrong_tries >= maxWrongCodes
    },
    passkeys: passkeys.map(toPasskey),
    recoveryCodes: {
      left: Number(account?.left ?? 0),
      createdAt: dateOf(account?.at),
      isClosed: (account?.wrong ?? 0) >= maxWrongCodes
    }
  }
}

/** Every second factor that an account ever had, the oldest first. */
export async function readRecorded(
  db: Kysely<Tables>,
  accountId: string
): Promise<readonly RecordedFactor[]> {
  const times = ['created_at', 'used_at', 'removed_at'] as const
  const [codes, passkeys] = await Promise.all([
    db.selectFrom('totp').select(times).where('account_id', '=', accountId).execute(),
    db
      .selectFrom('passkeys')
      .select([...times, 'name'])
      .where('account_id', '=', accountId)
      .execute()
  ])
  const all = [...codes.map((row) => ({ ...row, name: undefined })), ...passkeys]
  return all
    .toSorted((one, other) => Number(one.created_at) - Number(other.created_at))
    .map(({ name, created_at, used_at, removed_at }) => ({
      kind: name === undefined ? 'codes' : 'passkey',
      name,
      createdAt: new Date(Number(created_at)),
      usedAt: dateOf(used_at),
      removedAt: dateOf(removed_at)
    }))
}

function dateOf(milliseconds: number | string | null | undefined): Date | undefined {
  return milliseconds === null || milliseconds === undefined ? undefined : new Date(Number(milliseconds))
}
