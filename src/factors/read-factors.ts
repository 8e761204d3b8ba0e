import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { presentPasskeys, presentTotp } from './factor-changes.ts'
import { type FactorsOf, maxWrongCodes } from './factors-of.ts'
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

function dateOf(milliseconds: number | string | null | undefined): Date | undefined {
  return milliseconds === null || milliseconds === undefined ? undefined : new Date(Number(milliseconds))
}
