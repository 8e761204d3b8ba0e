import type { Command } from 'commander'
import { describeEnded } from '../sessions/ended-count.ts'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { accountOf, type DeedOptions, deedOf, orSaid, reasonOption } from './deed.ts'
import { outputOf } from './output.ts'

const force = ['--force', 'also those of the last administrator who has any'] as const

/** The commands of `latchkey users` for people who cannot sign in. */
export function addRecovery(users: Command): void {
  users
    .command('link <name>')
    .description('print a link by which somebody chooses a new password: once, within an hour')
    .option('--drop-factors', 'the link also removes all second factors: then say why')
    .addOption(reasonOption())
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
    .command('drop-factors <name>')
    .description('remove all second factors of somebody and sign them out everywhere: say why')
    .addOption(reasonOption().makeOptionMandatory())
    .option(...force)
    .action(dropFactors)
}

interface LinkOptions extends DeedOptions {
  readonly dropFactors?: boolean
}

async function link(
  username: string,
  { dropFactors = false, ...options }: LinkOptions,
  command: Command
): Promise<void> {
  await withContext(async (context) => {
    const account = await accountOf(username, context)
    const { id, name } = account
    if (account.disabledAt)
      throw new CliError(`${name} is disabled. First run "latchkey users enable ${name}".`)
    const making = context.administration.makeLink(account, deedOf(options), { dropFactors })
    const made = await orSaid(making)
    if (!made) throw new CliError(`${name} was changed just now. Try again.`)
    const url = context.addressOf(`/reset?token=${made.token}`)
    const also = dropFactors ? ', which removes the second factors too' : ''
    outputOf(command).done(
      `${name} chooses a new password here${also}. Once, until ${clock(made.expiresAt)}: ${url}`,
      { id, name, url, expiresAt: made.expiresAt, dropsFactors: dropFactors }
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

async function dropFactors(username: string, options: DeedOptions, command: Command): Promise<void> {
  await withContext(async (context) => {
    const account = await accountOf(username, context)
    const dropped = await orSaid(context.administration.dropFactors(account, deedOf(options)))
    const { id, name } = account
    const ended = describeEnded(dropped.sessionsEnded)
    const sentence = `${name} signs in with the password alone from now on, and is signed out everywhere.`
    outputOf(command).done(sentence, { id, name, ...ended })
  })
}

/** In UTC, as all times of the command. */
function clock(at: Date): string {
  return `${at.toISOString().slice(11, 16)} UTC`
}
