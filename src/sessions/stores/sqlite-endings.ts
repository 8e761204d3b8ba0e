import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isSince, sqliteNow } from '../../database/ledger-clock.ts'
import { inTransaction } from '../../database/sqlite-file.ts'
import { newNonce } from '../../endings/ending.ts'
import { type Floor, isBelow, isOfName } from '../../endings/judge.ts'
import { isAccountId } from '../../identity/account-id.ts'
import { claimOf } from '../claims.ts'
import { recordIn } from '../session-text.ts'

/** No cookie lasts longer in a browser. */
const longestLifeMilliseconds = 400 * 24 * 60 * 60 * 1000

/** A session as the embedded database has it, with what says whether it is over. */
export interface JudgedRow {
  readonly key: string
  readonly text: string
  readonly expiresAt: number
  /** The present name of its account. */
  readonly label?: string | undefined
}

/** The last ending of a name: its own, or that of an account that has it. */
const lastOfName = (owner: string) => `max(
  coalesce((SELECT max(n) FROM endings WHERE kind = 'name' AND owner = ${owner}), 0),
  coalesce((SELECT max(n) FROM endings WHERE kind = 'account' AND name = substr(${owner}, 6)), 0))`

/** Columns for `judged`: accounts and endings are in the same file, so one query says all. */
export const judgedColumns = `key, record, expires_at, owner,
  (SELECT version FROM accounts WHERE id = sessions.owner AND disabled_at IS NULL) AS version,
  (SELECT kept_session FROM accounts WHERE id = sessions.owner) AS kept,
  (SELECT name FROM accounts WHERE id = sessions.owner) AS label,
  CASE WHEN owner LIKE 'name:%' THEN
    (SELECT n || ' ' || coalesce(keep, '') FROM endings WHERE n = ${lastOfName('sessions.owner')}) END AS named`

/** @returns undefined if its account is gone or disabled, or has ended it */
export function judged(row: Row): JudgedRow | undefined {
  const [key, text] = [String(row.key), String(row.record)]
  const label = row.label === null ? undefined : String(row.label)
  const session = { key, text, expiresAt: Number(row.expires_at), label }
  if (isAccountId(row.owner) && row.version === null) return undefined
  const floor = isAccountId(row.owner) ? floorOf(row.version, row.kept) : floorOf(...namedIn(row))
  return isBelow(claimOf(key, recordIn(text)), floor) ? undefined : session
}

function floorOf(epoch: unknown, keep: unknown): Floor {
  return { epoch: Number(epoch), keep: keep ? String(keep) : undefined }
}

function namedIn({ named }: Row): [epoch: unknown, keep: unknown] {
  const [epoch = 0, keep] = named === null ? [] : String(named).split(' ')
  return [epoch, keep]
}

type Row = Readonly<Record<string, unknown>>

interface Below {
  /** The key of one that stays. */
  readonly except: string | undefined
  readonly below: number
}

/** Ends sessions of accounts by their version, and those of names by the number of their last ending. */
export class SqliteEndings {
  readonly #database: DatabaseSync
  readonly #delete: StatementSync
  readonly #raise: StatementSync
  readonly #endName: StatementSync
  readonly #epochOfName: StatementSync
  readonly #find: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#delete = database.prepare('DELETE FROM sessions WHERE key = ? AND record = ?')
    this.#raise = database.prepare(
      'UPDATE accounts SET version = version + 1, kept_session = ? WHERE id = ? RETURNING version'
    )
    this.#find = database.prepare(`SELECT ${judgedColumns} FROM sessions WHERE key = ?`)
    this.#endName = database.prepare(
      `INSERT INTO endings (nonce, kind, owner, keep, until)
       VALUES (?, 'name', ?, ?, ${sqliteNow} + ${longestLifeMilliseconds})`
    )
    this.#epochOfName = database.prepare(
      `SELECT n, nonce, ${sqliteNow} - at AS ago FROM endings WHERE n = ${lastOfName('$owner')}`
    )
  }

  /**
   * @returns below which epoch sessions are over; undefined: there is no such account, or it is a name, whose sessions
   * `revokeSome` deletes and counts: the row ends what begins meanwhile
   * @param except goes on, unless it is over itself: another request may have ended all of them meanwhile
   */
  endAllOf(owner: string, except: string | undefined): number | undefined {
    return inTransaction(this.#database, () => {
      const found = except === undefined ? undefined : this.#find.get(except)
      const kept = found && !judged(found) ? null : (except ?? null)
      if (isOfName(owner)) {
        this.#endName.run(newNonce(), owner, kept)
        return undefined
      }
      const [raised] = this.#raise.all(kept, owner)
      return raised && Number(raised.version)
    })
  }

  /** As in StoreEndings. */
  epochOfName(owner: string, arrivedAt?: number): number {
    const last = this.#epochOfName.get({ owner })
    if (!last) return 0
    const ending = { of: String(last.nonce), ago: Number(last.ago) }
    return Number(last.n) - Number(isSince(ending, arrivedAt))
  }

  /** One that was stamped anew since it was read stays. @returns the keys of those that were deleted */
  deleteBelow(rows: readonly Row[], { except, below }: Below): readonly string[] {
    const sessions = rows.map(({ key, record }) => ({ key: String(key), text: String(record) }))
    const over = sessions.filter(
      ({ key, text }) => key !== except && claimOf(key, recordIn(text)).epoch < below
    )
    if (over.length === 0) return []
    return inTransaction(this.#database, () =>
      over.filter(({ key, text }) => this.#delete.run(key, text).changes === 1).map(({ key }) => key)
    )
  }
}
