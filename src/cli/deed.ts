import { Option } from 'commander'
import type { Deed } from '../administration/deed.ts'
import { LastAdministratorError, LastSecondFactorError, LatchkeyError } from '../errors/errors.ts'
import { reasonFault } from '../factors/drop-reason.ts'
import { inEnglish } from '../i18n/language.ts'
import { CliError } from './cli-error.ts'
import type { CommandContext } from './stores.ts'

/** Of every command that does something to somebody. */
export interface DeedOptions {
  readonly reason?: string | undefined
  readonly force?: boolean | undefined
}

export function reasonOption(): Option {
  return new Option('--reason <text>', 'why, for the audit trail, where the account’s owner reads it too')
}

/** Of what concerns no account, or many. */
export function unreadReasonOption(): Option {
  return new Option('--reason <text>', 'why, for the audit trail')
}

/** What the command does. It has every right, so `--force` counts here alone. */
export function deedOf({ reason, force }: DeedOptions = {}): Deed {
  return { by: { kind: 'command' }, reason, force }
}

/** @throws {CliError} when there is no such account */
export async function accountOf(username: string, { accounts }: CommandContext) {
  const account = await accounts.find(username)
  if (!account) throw new CliError(`There is no account called "${username}".`)
  return account
}

/** What whoever runs the command can mend is said in one line. */
export async function orSaid<T>(step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    if (error instanceof LastAdministratorError)
      throw new CliError(
        'This is the last administrator, so nothing was changed. Make another one with "latchkey users grant NAME", or add --force.'
      )
    if (error instanceof LastSecondFactorError)
      throw new CliError(
        'No other administrator has a second factor, so nothing was changed. Let another one set one up first, or add --force.'
      )
    if (!(error instanceof LatchkeyError) || (error.statusCode ?? 500) >= 500) throw error
    throw new CliError(error.message)
  }
}

/** For what is done to sessions that are no account's. @throws {CliError} for a reason that is empty or too long */
export function checkedReason({ reason }: DeedOptions): string | undefined {
  const fault = reason === undefined ? undefined : reasonFault(reason)
  if (fault) throw new CliError(inEnglish(fault))
  return reason
}
