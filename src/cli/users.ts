import { Command } from 'commander'
import type { Changed } from '../accounts/changes.ts'
import type { ForceOptions } from '../accounts/last-administrator.ts'
import type { AuditEventName } from '../audit/audit-event.ts'
import { LastAdministratorError, NameTakenError } from '../errors/errors.ts'
import { inEnglish } from '../i18n/language.ts'
import type { Role } from '../identity/roles.ts'
import { describeEnded } from '../sessions/ended-count.ts'
import { CliError } from './cli-error.ts'
import { byCommand, type CommandContext, withContext } from './context.ts'
import { email } from './email.ts'
import { addRecovery } from './factors.ts'
import { addInvitations } from './invitations.ts'
import { addList } from './list-users.ts'
import { changeGroups } from './memberships.ts'
import { outputOf } from './output.ts'
import { confirm, readPassword } from './prompt.ts'
import { usersTokens } from './tokens.ts'

const force = ['--force', 'also the last administrator'] as const

/** `latchkey users`: manages accounts. */
export function users(): Command {
  const users = new Command('users')
    .description('add, list, rename, change, disable and remove accounts')
    .addHelpText('after', passwordHelp('add alice'))
  users
    .command('add <name>')
    .description('create an account')
    .option('--admin', 'make the user an administrator')
    .addHelpText('after', passwordHelp('add alice'))
    .action(add)
  addList(users)
  users
    .command('passwd <name>')
    .description('change somebody’s password and sign them out everywhere')
    .addHelpText('after', passwordHelp('passwd alice'))
    .action(passwd)
  users
    .command('rename <name> <new-name>')
    .description('give an account another name; whoever is signed in stays so')
    .action(rename)
  users
    .command('email <name> [address]')
    .description('print the e-mail address of an account, or set one, which then counts as confirmed')
    .option('--remove', 'remove the address')
    .action(email)
  users
    .command('group <name>')
    .description('print the groups of an account, or change them; nobody is signed out')
    .option('--add <group...>', 'put it into these groups')
    .option('--remove <group...>', 'take it out of these groups')
    .action(changeGroups)
  users
    .command('tokens <name>')
    .description('print the tokens that somebody has made for programs, or end them')
    .option('--end <token>', 'end the one that the list calls so')
    .option('--end-all', 'end all of them')
    .action(usersTokens)
  users
    .command('disable <name>')
    .description('sign somebody out everywhere and block further sign-ins')
    .option(...force)
    .action(disable)
  users.command('enable <name>').description('let somebody sign in again').action(enable)
  users
    .command('remove <name>')
    .description('remove an account for good and sign its user out everywhere')
    .option('--yes', 'do not ask for confirmation')
    .option(...force)
    .action(remove)
  users
    .command('grant <name>')
    .description('make somebody an administrator and sign them out everywhere')
    .action(setRole('admin'))
  users
    .command('revoke <name>')
    .description('make an administrator an ordinary user and sign them out everywhere')
    .option(...force)
    .action(setRole('user'))
  addRecovery(users)
  addInvitations(users)
  return users
}

async function rename(from: string, to: string, _options: object, command: Command): Promise<void> {
  await withContext(async ({ renaming, audited }) => {
    const renamed = await renaming.rename(from, to, byCommand)
    if (!renamed) throw new CliError(`There is no account called "${from}".`)
    if (!renamed.ok) {
      const holder = renamed.error instanceof NameTakenError ? await renaming.holderOf(to) : undefined
      throw new CliError(holder ? heldBy(to, holder) : renamed.error.message)
    }
    const { id, name } = renamed.account
    const { formerName } = renamed
    await audited({ event: 'account-rename', name, formerName, account: id })
    outputOf(command).done(
      `${formerName} is called ${name} now. Nobody else can take ${formerName} for 30 days.`,
      {
        id,
        name,
        formerName
      }
    )
  })
}

function heldBy(
  name: string,
  { name: holder, until }: { readonly name: string; readonly until: Date }
): string {
  return `"${name}" was the name of ${holder}, and is free on ${until.toISOString().slice(0, 10)}. Until then ${holder} alone can take it.`
}

function passwordHelp(words: string): string {
  return `\nA password is asked for, or read from standard input:\n  $ latchkey users ${words} < password.txt`
}

async function add(username: string, { admin }: { admin?: true }, command: Command): Promise<void> {
  await withContext(async ({ accounts, renaming, audited }) => {
    const role = admin ? 'admin' : 'user'
    const result = await accounts.add({ username, password: await readPassword() }, role)
    if (!result.ok) {
      const holder = result.error instanceof NameTakenError ? await renaming.holderOf(username) : undefined
      throw new CliError(holder ? heldBy(username, holder) : result.error.message)
    }
    const { id, name } = result.account
    await audited({ event: 'registration', name, account: id })
    outputOf(command).done(`Added ${name}${admin ? ', an administrator' : ''}.`, { id, name, role })
  })
}

async function passwd(username: string, _options: object, command: Command): Promise<void> {
  await withContext(async (context) => {
    await nameOf(username, context)
    const changed = await context.accounts.changePassword(
      { username, password: await readPassword() },
      byCommand
    )
    if (changed.ok) await context.resetAttempts(changed.account)
    await report(context, command, { changed, event: 'password-change', what: 'Changed the password of' })
  })
}

async function disable(username: string, options: ForceOptions, command: Command): Promise<void> {
  await withContext(async (context) => {
    const changed = await exceptLast(context.accounts.disable(username, { ...options, ...byCommand }))
    await report(context, command, { changed, event: 'account-disable', what: 'Disabled' })
  })
}

async function enable(username: string, _options: object, command: Command): Promise<void> {
  await withContext(async ({ accounts, audited, resetAttempts }) => {
    const account = await accounts.enable(username, byCommand)
    if (!account) throw new CliError(`There is no account called "${username}".`)
    await resetAttempts(account)
    const { id, name } = account
    await audited({ event: 'account-enable', name, account: id })
    outputOf(command).done(`Enabled ${name}, who can sign in again.`, { id, name })
  })
}

async function remove(
  username: string,
  { yes = false, ...options }: ForceOptions & { yes?: boolean },
  command: Command
) {
  await withContext(async (context) => {
    const name = await nameOf(username, context)
    await confirm({ what: `This removes the account of ${name} for good.`, yes })
    const changed = await exceptLast(context.accounts.remove(name, { ...options, ...byCommand }))
    await report(context, command, { changed, event: 'account-remove', what: 'Removed' })
  })
}

function setRole(role: Role) {
  const what =
    role === 'admin' ? 'Granted the role of administrator to' : 'Revoked the role of administrator from'
  return async (username: string, options: ForceOptions, command: Command): Promise<void> => {
    await withContext(async (context) => {
      const changed = await exceptLast(context.accounts.setRole(username, role, { ...options, ...byCommand }))
      await report(context, command, { changed, event: 'role-change', what })
    })
  }
}

async function exceptLast(change: Promise<Changed>): Promise<Changed> {
  try {
    return await change
  } catch (error) {
    if (!(error instanceof LastAdministratorError)) throw error
    throw new CliError(
      'This is the last administrator, so nothing was changed. Make another one with "latchkey users grant NAME", or add --force.'
    )
  }
}

/** The name as written when the account was created. */
async function nameOf(username: string, { accounts }: CommandContext): Promise<string> {
  const account = await accounts.find(username)
  if (!account) throw new CliError(`There is no account called "${username}".`)
  return account.name
}

interface Outcome {
  readonly changed: Changed
  readonly event: AuditEventName
  readonly what: string
}

async function report(
  context: CommandContext,
  command: Command,
  { changed, event, what }: Outcome
): Promise<void> {
  if (!changed.ok) throw new CliError(inEnglish(changed.reason))
  const { account, sessionsEnded } = changed
  const { id, name, role } = account
  await context.audited({ event, name, account: id })
  outputOf(command).done(`${what} ${name}, who is signed out everywhere.`, {
    id,
    name,
    role,
    ...describeEnded(sessionsEnded)
  })
}
