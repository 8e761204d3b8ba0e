import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { inTransaction } from '../../database/sqlite-file.ts'
import { isBelow } from '../../endings/judge.ts'
import { isAccountId } from '../../identity/account-id.ts'
import { claimOf } from '../claims.ts'

/** A session as the embedded database has it, with what says whether it is over. */
export interface JudgedRow {
  readonly key: string
  readonly text: string
  readonly expiresAt: number
}

/** Columns for `judged`: the account is in the same file, so one query says both. */
export const judgedColumns = `key, record, expires_at, owner,
  (SELECT version FROM accounts WHERE id = sessions.owner AND disabled_at IS NULL) AS version,
  (SELECT kept_session FROM accounts WHERE id = sessions.owner) AS kept`

/** @returns undefined if its account is gone or disabled, or has ended it */
export function judged(row: Row): JudgedRow | undefined {
  const [key, text] = [String(row.key), String(row.record)]
  const session = { key, text, expiresAt: Number(row.expires_at) }
  if (!isAccountId(row.owner)) return session
  if (row.version === null) return undefined
  const floor = { epoch: Number(row.version), keep: row.kept === null ? undefined : String(row.kept) }
  return isBelow(claimOf(key, Object(JSON.parse(text))), floor) ? undefined : session
}

type Row = Readonly<Record<string, unknown>>

interface Below {
  /** The key of one that stays. */
  readonly except: string | undefined
  readonly below: number
}

/** Ends sessions of accounts by their version. */
export class SqliteEndings {
  readonly #database: DatabaseSync
  readonly #delete: StatementSync
  readonly #raise: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#delete = database.prepare('DELETE FROM sessions WHERE key = ? AND record = ?')
    this.#raise = database.prepare(
      'UPDATE accounts SET version = version + 1, kept_session = ? WHERE id = ? RETURNING version'
    )
  }

  /** @returns below which epoch sessions are over; undefined: it is no account's */
  endAllOf(owner: string, except: string | undefined): number | undefined {
    const [raised] = isAccountId(owner) ? this.#raise.all(except ?? null, owner) : []
    return raised && Number(raised.version)
  }

  /** One that was stamped anew since it was read stays. @returns the keys of those that were deleted */
  deleteBelow(rows: readonly Row[], { except, below }: Below): readonly string[] {
    const sessions = rows.map(({ key, record }) => ({ key: String(key), text: String(record) }))
    const over = sessions.filter(
      ({ key, text }) => key !== except && claimOf(key, Object(JSON.parse(text))).epoch < below
    )
    if (over.length === 0) return []
    return inTransaction(this.#database, () =>
      over.filter(({ key, text }) => this.#delete.run(key, text).changes === 1).map(({ key }) => key)
    )
  }
}
