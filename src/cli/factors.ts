import type { Command } from 'commander'
import { LastSecondFactorError } from '../errors/errors.ts'
import { reasonFault } from '../factors/drop-reason.ts'
import { inEnglish } from '../i18n/language.ts'
import { describeEnded } from '../sessions/ended-count.ts'
import { CliError } from './cli-error.ts'
import { byCommand, type CommandContext, withContext } from './context.ts'
import { outputOf } from './output.ts'

const force = ['--force', 'also those of the last administrator who has any'] as const

/** The commands of `latchkey users` for people who cannot sign in. */
export function addRecovery(users: Command): void {
  users
    .command('link <name>')
    .description('print a link by which somebody chooses a new password: once, within an hour')
    .option(
      '--drop-factors <reason>',
      'the link also removes all second factors; the reason is in the audit trail'
    )
    .option(...force)
    .addHelpText(
      'after',
      '\nWhoever has the link can choose the password, so make sure that it reaches its owner alone.'
    )
    .action(link)
  users
    .command('factors <name>')
    .description('print every second factor that somebody has or had')
    .action(factors)
  users
    .command('drop-factors <name> <reason>')
    .description(
      'remove all second factors of somebody and sign them out everywhere; the reason is in the audit trail'
    )
    .option(...force)
    .action(dropFactors)
}

interface LinkOptions {
  readonly dropFactors?: string
  readonly force?: true
}

async function link(username: string, { dropFactors: reason, force }: LinkOptions, command: Command) {
  if (reason !== undefined) mustBeReason(reason)
  await withContext(async (context) => {
    const account = await accountOf(username, context)
    const { id, name } = account
    if (account.disabledAt)
      throw new CliError(`${name} is disabled. First run "latchkey users enable ${name}".`)
    const purpose = reason === undefined ? 'password' : 'password-and-factors'
    const exceptLast = reason !== undefined && keepsLast(context, force)
    const made = await orSayHow(
      context.secondFactors().links.make(account, purpose, { ...byCommand, exceptLast })
    )
    if (!made) throw new CliError(`${name} was changed just now. Try again.`)
    await context.audited({ event: 'link-make', name, account: id, reason })
    const url = context.addressOf(`/reset?token=${made.token}`)
    const also = reason === undefined ? '' : ', which removes the second factors too'
    outputOf(command).done(
      `${name} chooses a new password here${also}. Once, until ${clock(made.expiresAt)}: ${url}`,
      {
        id,
        name,
        url,
        expiresAt: made.expiresAt,
        dropsFactors: reason !== undefined
      }
    )
  })
}

async function factors(username: string, _options: object, command: Command) {
  await withContext(async (context) => {
    const { id, name } = await accountOf(username, context)
    const recorded = await context.secondFactors().factors.recorded(id)
    const rows = recorded.map(({ kind, name, createdAt, usedAt, removedAt }) => ({
      ...{ kind, name: name ?? null, createdAt, usedAt: usedAt ?? null, removedAt: removedAt ?? null }
    }))
    outputOf(command).table(rows, `${name} never had a second factor.`)
  })
}

async function dropFactors(
  username: string,
  reason: string,
  { force }: { readonly force?: true },
  command: Command
) {
  mustBeReason(reason)
  await withContext(async (context) => {
    const { id, name } = await accountOf(username, context)
    const options = { reason, ...byCommand, exceptLast: keepsLast(context, force) }
    const changed = await orSayHow(context.secondFactors().factors.dropAll(id, options))
    if (!changed) throw new CliError(`There is no account called "${username}".`)
    await context.audited({ event: 'factors-drop', name, account: id, reason })
    const ended = describeEnded(changed.sessionsEnded)
    const sentence = `${name} signs in with the password alone from now on, and is signed out everywhere.`
    outputOf(command).done(sentence, { id, name, ...ended })
  })
}

function keepsLast({ administratorsNeedFactor }: CommandContext, force = false): boolean {
  return administratorsNeedFactor && !force
}

async function orSayHow<T>(change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    if (!(error instanceof LastSecondFactorError)) throw error
    throw new CliError(
      'No other administrator has a second factor, so nothing was changed. Let another one set one up first, or add --force.'
    )
  }
}

function mustBeReason(reason: string): void {
  const fault = reasonFault(reason)
  if (fault) throw new CliError(inEnglish(fault))
}

async function accountOf(username: string, { accounts }: CommandContext) {
  const account = await accounts.find(username)
  if (!account) throw new CliError(`There is no account called "${username}".`)
  return account
}

/** In UTC, as all times of the command. */
function clock(at: Date): string {
  return `${at.toISOString().slice(11, 16)} UTC`
}
