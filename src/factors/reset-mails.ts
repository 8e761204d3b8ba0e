import type { Kysely } from '#vendor/kysely'
import { run, type Statements } from '../database/all-or-nothing.ts'
import type { Tables } from '../database/tables.ts'

/** At most one mail to an account in this time. Links outlive it, so that one that opens is always in the mailbox. */
export const betweenMailsMilliseconds = 20 * 60 * 1000

/** So many in a row that one network has asked for come no later than others. */
const freeMails = 3
const longestGapMilliseconds = 4 * 60 * 60 * 1000

/** After so long without a mail a network is as any other. */
const rememberedMilliseconds = 24 * 60 * 60 * 1000

/** Who asks, and when. */
export interface AskedFrom {
  /** Undefined: a browser in which the owner of the account has signed in, which is never made to wait for longer. */
  readonly network: string | undefined
  readonly now: number
}

/**
 * How long nobody of a network causes another mail to an account, while no link is used: the time doubles after the third.
 * @param mails how many there were
 */
export function gapAfter(mails: number): number {
  return Math.min(betweenMailsMilliseconds * 2 ** Math.max(0, mails + 1 - freeMails), longestGapMilliseconds)
}

/**
 * Counts a mail, unless one network has asked for so many that it has to wait. Other networks do not wait for it: whoever
 * asks all day keeps no owner from a new password. The account has to be locked, so that concurrent calls count one by one.
 * @returns whether it may be sent
 */
export function* countResetMail(
  db: Kysely<Tables>,
  accountId: string,
  { network, now }: AskedFrom
): Statements<boolean> {
  if (network === undefined) return true
  const all = db.selectFrom('reset_mails').select(['mails', 'last_at'])
  const own = all.where('account_id', '=', accountId).where('network', '=', network)
  const [found] = yield* run<{ mails: number; last_at: number }>(own)
  const lastAt = Number(found?.last_at ?? 0)
  const before = found && lastAt > now - rememberedMilliseconds ? found.mails : 0
  // One in the future was noted by a clock that was ahead.
  if (before > 0 && lastAt <= now && now < lastAt + gapAfter(before)) return false
  const row = { account_id: accountId, network, mails: before + 1, last_at: now }
  const counting = db.insertInto('reset_mails').values(row)
  yield* run(
    counting.onConflict((conflict) =>
      conflict.columns(['account_id', 'network']).doUpdateSet({ mails: row.mails, last_at: now })
    )
  )
  return true
}

/** Somebody reads the mails: a link was used. */
export function* forgetResetMails(db: Kysely<Tables>, accountId: string): Statements<void> {
  yield* run(db.deleteFrom('reset_mails').where('account_id', '=', accountId))
}
