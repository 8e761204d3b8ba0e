import { ChangeUnknownError, StorageError } from '../errors/errors.ts'
import type { Message } from '../i18n/texts.ts'
import type { AccountState, StoredAccount } from './account.ts'
import type { ToldOptions } from './account-changes-store.ts'

/** The result of a change that invalidates earlier sign-ins, or why it was refused. */
export type Changed =
  | { readonly ok: true; readonly account: StoredAccount; readonly sessionsEnded: number }
  | { readonly ok: false; readonly reason: Message }

export interface ChangeOptions extends ToldOptions {
  /** The client's, for a fair queue. */
  readonly address?: string
  /** The id of the session that continues. */
  readonly keep?: string | undefined
  /** The account when its old password was verified. If it has changed since, the change is refused. */
  readonly verifiedState?: AccountState | undefined
}

/** @throws {ChangeUnknownError} when the database did not answer and may have made the change */
export async function confirmed<T>(change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    throw error instanceof StorageError && error.mayBeDone ? new ChangeUnknownError(error) : error
  }
}

/** @throws {ChangeUnknownError} when the change is made, and what it ends will end when the stores answer */
export async function applied<T>(change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    throw error instanceof StorageError ? new ChangeUnknownError(error) : error
  }
}
