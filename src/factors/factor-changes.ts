import { type Kysely, sql } from '#vendor/kysely'
import type { StoredAccount } from '../accounts/account.ts'
import { toAccount } from '../accounts/account-rows.ts'
import { isLastWithFactor } from '../accounts/last-administrator.ts'
import { type LockedState, lockedAccount } from '../accounts/locked-account.ts'
import { allOrNothing, run, type Statements } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { Tables } from '../database/tables.ts'
import { LastSecondFactorError } from '../errors/errors.ts'
import type { Circumstances, Notice, Notices } from '../mail/notices.ts'
import { newRecoveryCode, recoveryCodeCount, recoveryCodeHash } from './recovery-codes.ts'

/** A change of the factors. */
export interface FactorChanged {
  /** As it is now. */
  readonly account: StoredAccount
  /** Those that came with the first factor. */
  readonly recoveryCodes: readonly string[] | undefined
}

export interface DropOptions {
  /** Not those of the last administrator who has any: then LastSecondFactorError is thrown. */
  readonly exceptLast?: boolean | undefined
  /** Who did it, and from where: the owner is told. */
  readonly circumstances?: Circumstances | undefined
  /** Why: the owner is told that too. */
  readonly reason?: string | undefined
}

export interface FactorChange extends Omit<DropOptions, 'reason'> {
  readonly state: LockedState
  /** The key of the session that goes on. */
  readonly keptSession?: string | undefined
  readonly now: number
  readonly notices: Notices
}

/** What a change came to: whether one was removed, and what the owner is told. */
interface Outcome {
  readonly hasRemoved: boolean
  readonly notice: Notice
}

/** What is changed. @returns undefined when there is nothing to change */
export type FactorStep = (db: Kysely<Tables>, now: number) => Statements<Outcome | undefined>

/**
 * Changes second factors in one transaction. Recovery codes come with the first one, and go with the last. Where sign-ins
 * of before must not count any more, it raises the account's version: with the first one, and when one is removed. The owner
 * is told.
 * @returns undefined when there is nothing to change, or the account is gone or has changed since
 */
export function changeFactors(
  database: Database,
  { state, keptSession, now, exceptLast, notices, circumstances }: FactorChange,
  change: FactorStep
): Promise<FactorChanged | undefined> {
  const db = database.sql
  const { id } = state
  return allOrNothing(database, function* () {
    const before = yield* lockedAccount(db, state)
    if (exceptLast && before && (yield* isLastWithFactor(db, before))) throw new LastSecondFactorError()
    const outcome = before && (yield* change(db, now))
    if (!outcome) return undefined
    const second_factors = yield* countOf(db, id)
    const isFirst = before.secondFactors === 0
    const recoveryCodes = isFirst ? yield* replaceRecoveryCodes(db, { accountId: id, now }) : undefined
    if (second_factors === 0) yield* run(db.deleteFrom('recovery_codes').where('account_id', '=', id))
    const ended = { version: sql<number>`version + 1`, kept_session: keptSession ?? null }
    const changing = db
      .updateTable('accounts')
      .set({ second_factors, ...((isFirst || outcome.hasRemoved) && ended) })
    const [row] = yield* run(changing.where('id', '=', id).returningAll())
    const account = row && toAccount(row)
    if (account) yield* notices.tell(account, outcome.notice, circumstances)
    return account && { account, recoveryCodes }
  })
}

interface RecoveryCodesOf {
  readonly accountId: string
  readonly now: number
}

/** @returns the new ones, which are stored as hashes */
export function* replaceRecoveryCodes(
  db: Kysely<Tables>,
  of: RecoveryCodesOf
): Statements<readonly string[]> {
  yield* run(db.deleteFrom('recovery_codes').where('account_id', '=', of.accountId))
  return yield* addRecoveryCodes(db, of, recoveryCodeCount)
}

/** Opens recovery codes again after too many wrong ones. */
export function* addRecoveryCodes(
  db: Kysely<Tables>,
  { accountId, now }: RecoveryCodesOf,
  count: number
): Statements<readonly string[]> {
  const codes = Array.from({ length: count }, newRecoveryCode)
  const rows = codes.map((code) => ({
    hash: recoveryCodeHash(code) ?? '',
    account_id: accountId,
    created_at: now
  }))
  yield* run(db.insertInto('recovery_codes').values(rows))
  yield* run(db.updateTable('accounts').set({ wrong_recovery_codes: 0 }).where('id', '=', accountId))
  return codes
}

export function presentTotp(db: Kysely<Tables>, accountId: string) {
  return db.selectFrom('totp').where('account_id', '=', accountId).where('removed_at', 'is', null)
}

export function presentPasskeys(db: Kysely<Tables>, accountId: string) {
  return db.selectFrom('passkeys').where('account_id', '=', accountId).where('removed_at', 'is', null)
}

function* countOf(db: Kysely<Tables>, accountId: string): Statements<number> {
  const codes = yield* run(presentTotp(db, accountId).select('id'))
  const passkeys = yield* run(presentPasskeys(db, accountId).select('id'))
  return codes.length + passkeys.length
}

/** @returns whether there was one */
export function* removeTotp(db: Kysely<Tables>, accountId: string, now: number): Statements<boolean> {
  const removing = db.updateTable('totp').set({ removed_at: now, seed: null })
  const present = removing.where('account_id', '=', accountId).where('removed_at', 'is', null)
  return (yield* run(present.returning('id'))).length > 0
}

/** @param id all without it. @returns those that there were */
export function* removePasskeys(
  db: Kysely<Tables>,
  accountId: string,
  now: number,
  id?: string
): Statements<readonly { readonly name: string }[]> {
  const removing = db.updateTable('passkeys').set({ removed_at: now, public_key: null })
  const present = removing.where('account_id', '=', accountId).where('removed_at', 'is', null)
  const those = id === undefined ? present : present.where('id', '=', id)
  return yield* run(those.returning('name'))
}

/** @returns the columns of the account that change with it */
export function* removeAllFactors(
  db: Kysely<Tables>,
  accountId: string,
  now: number
): Statements<{ readonly second_factors: 0; readonly wrong_recovery_codes: 0 }> {
  yield* removeTotp(db, accountId, now)
  yield* removePasskeys(db, accountId, now)
  yield* run(db.deleteFrom('recovery_codes').where('account_id', '=', accountId))
  return { second_factors: 0, wrong_recovery_codes: 0 }
}

export function forgetWrongTries(database: Database, accountId: string): Promise<void> {
  const db = database.sql
  return allOrNothing(database, function* () {
    const account = db.updateTable('accounts').set({ wrong_recovery_codes: 0 })
    yield* run(account.where('id', '=', accountId))
    const codes = db.updateTable('totp').set({ wrong_tries: 0 }).where('account_id', '=', accountId)
    yield* run(codes.where('removed_at', 'is', null))
  })
}
