import type { AccountState } from '../accounts/account.ts'
import { lockedAccount } from '../accounts/locked-account.ts'
import { allOrNothing, run } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { Circumstances, Notices } from '../mail/notices.ts'
import { newId } from '../primitives/new-id.ts'
import {
  addRecoveryCodes,
  changeFactors,
  type DropOptions,
  type FactorChanged,
  type FactorStep,
  forgetWrongTries,
  removeAllFactors,
  removePasskeys,
  removeTotp,
  replaceRecoveryCodes
} from './factor-changes.ts'
import type { NewPasskey } from './factors-of.ts'
import { toPasskeyRow } from './passkey-rows.ts'

export interface NewTotp {
  /** Sealed. */
  readonly seed: string
  /** Of the code that was right: it does not count again. */
  readonly step: number
}

export interface FactorChangeOptions {
  /** The key of the session that goes on. */
  readonly keptSession?: string | undefined
  readonly circumstances?: Circumstances | undefined
}

type Changed = Promise<FactorChanged | undefined>

/**
 * Changes of second factors in SQL. Each is one transaction, in which the owner is told of it. What ends sessions ends them
 * in it too, except the one to keep: see changeFactors. Every method throws StorageError when the database cannot answer.
 */
export class FactorChangesStore {
  readonly #database: Database
  readonly #now: () => number
  readonly #notices: Notices

  constructor(database: Database, now: () => number, notices: Notices) {
    this.#database = database
    this.#now = now
    this.#notices = notices
  }

  /** In place of those that the account has. @returns undefined when the account has changed since */
  addTotp(state: AccountState, { seed, step }: NewTotp, options?: FactorChangeOptions): Changed {
    return this.#change(state, options, function* (db, now) {
      const hasRemoved = yield* removeTotp(db, state.id, now)
      const id = newId()
      const row = { id, account_id: state.id, seed, last_step: step, created_at: now }
      yield* run(db.insertInto('totp').values(row))
      return { hasRemoved, notice: { template: 'factor-added' } }
    })
  }

  /**
   * @returns undefined when the account has changed since, or somebody has the credential already: one id is of one
   * account for good, also when it was removed
   */
  addPasskey(state: AccountState, passkey: NewPasskey, options?: FactorChangeOptions): Changed {
    return this.#change(state, options, function* (db, now) {
      const inserting = db.insertInto('passkeys').values(toPasskeyRow(state.id, passkey, now))
      const [row] = yield* run(inserting.onConflict((conflict) => conflict.doNothing()).returning('id'))
      const notice = { template: 'factor-added', passkey: passkey.name } as const
      return row && { hasRemoved: false, notice }
    })
  }

  /** @returns undefined when there is none, or the account has changed since */
  removeTotp(state: AccountState, options?: FactorChangeOptions): Changed {
    return this.#change(state, options, function* (db, now) {
      const hasRemoved = yield* removeTotp(db, state.id, now)
      return hasRemoved ? { hasRemoved, notice: { template: 'factor-removed' } } : undefined
    })
  }

  /** @returns undefined when the account has none of this id, or has changed since */
  removePasskey(state: AccountState, id: string, options?: FactorChangeOptions): Changed {
    return this.#change(state, options, function* (db, now) {
      const [removed] = yield* removePasskeys(db, state.id, now, id)
      const notice = { template: 'factor-removed', passkey: removed?.name } as const
      return removed && { hasRemoved: true, notice }
    })
  }

  /** All second factors and the recovery codes. @returns undefined when there is no such account */
  dropAll(accountId: string, { reason, ...options }: DropOptions = {}): Changed {
    return this.#change({ id: accountId }, options, function* (db, now) {
      yield* removeAllFactors(db, accountId, now)
      return { hasRemoved: true, notice: { template: 'factors-dropped', reason } }
    })
  }

  /** Of concurrent calls with one code one succeeds. @returns the code that takes its place; undefined if it is wrong */
  spendRecoveryCode(
    accountId: string,
    hash: string,
    circumstances?: Circumstances
  ): Promise<string | undefined> {
    const [db, notices] = [this.#database.sql, this.#notices]
    const now = this.#now()
    return allOrNothing(this.#database, function* () {
      const spending = db.deleteFrom('recovery_codes').where('hash', '=', hash)
      const [spent] = yield* run(spending.where('account_id', '=', accountId).returning('hash'))
      if (!spent) return undefined
      const [code] = yield* addRecoveryCodes(db, { accountId, now }, 1)
      if (notices.tells('recovery-code-used')) {
        const named = db.selectFrom('accounts').select(['id', 'name']).where('id', '=', accountId)
        const [account] = yield* run(named)
        if (account) yield* notices.tell(account, { template: 'recovery-code-used' }, circumstances)
      }
      return code
    })
  }

  /** New ones, which end the old. @returns undefined when the account has changed since, or has no second factor */
  newRecoveryCodes(
    state: AccountState,
    circumstances?: Circumstances
  ): Promise<readonly string[] | undefined> {
    const [db, notices] = [this.#database.sql, this.#notices]
    const now = this.#now()
    return allOrNothing(this.#database, function* () {
      const account = yield* lockedAccount(db, state)
      if (!account?.secondFactors) return undefined
      const codes = yield* replaceRecoveryCodes(db, { accountId: state.id, now })
      yield* notices.tell(account, { template: 'recovery-codes-made' }, circumstances)
      return codes
    })
  }

  forgetWrongTries(accountId: string): Promise<void> {
    return forgetWrongTries(this.#database, accountId)
  }

  #change(
    state: Pick<AccountState, 'id'> & Partial<AccountState>,
    options: (FactorChangeOptions & DropOptions) | undefined,
    step: FactorStep
  ): Changed {
    const [now, notices] = [this.#now(), this.#notices]
    return changeFactors(this.#database, { state, now, notices, ...options }, step)
  }
}
