import { Command } from 'commander'
import type { Done } from '../administration/administration.ts'
import { NameTakenError } from '../errors/errors.ts'
import { inEnglish } from '../i18n/language.ts'
import type { Role } from '../identity/roles.ts'
import { describeEnded } from '../sessions/ended-count.ts'
import { CliError } from './cli-error.ts'
import { byCommand, withContext } from './context.ts'
import { accountOf, checkedReason, type DeedOptions, deedOf, orSaid, reasonOption } from './deed.ts'
import { email, freeAddress } from './email.ts'
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
    .option('--email <address>', 'its e-mail address, which then counts as confirmed')
    .addHelpText('after', passwordHelp('add alice'))
    .action(add)
  addList(users)
  users
    .command('passwd <name>')
    .description('change somebody’s password and sign them out everywhere')
    .addOption(reasonOption())
    .addHelpText('after', passwordHelp('passwd alice'))
    .action(passwd)
  users
    .command('rename <name> <new-name>')
    .description('give an account another name; whoever is signed in stays so')
    .addOption(reasonOption())
    .action(rename)
  users
    .command('email <name> [address]')
    .description('print the e-mail address of an account, or set one, which then counts as confirmed')
    .option('--remove', 'remove the address')
    .addOption(reasonOption())
    .action(email)
  users
    .command('group <name>')
    .description('print the groups of an account, or change them; nobody is signed out')
    .option('--add <group...>', 'put it into these groups')
    .option('--remove <group...>', 'take it out of these groups')
    .addOption(reasonOption())
    .action(changeGroups)
  users
    .command('tokens <name>')
    .description('print the tokens that somebody has made for programs, or end them')
    .option('--end <token>', 'end the one that the list calls so')
    .option('--end-all', 'end all of them')
    .addOption(reasonOption())
    .action(usersTokens)
  users
    .command('disable <name>')
    .description('sign somebody out everywhere and block further sign-ins')
    .option(...force)
    .addOption(reasonOption())
    .action(disable)
  users
    .command('enable <name>')
    .description('let somebody sign in again who is disabled, and forget wrong passwords')
    .addOption(reasonOption())
    .action(enable)
  users
    .command('open <name>')
    .description('forget wrong passwords, codes and recovery codes that have closed an account')
    .addOption(reasonOption())
    .action(open)
  users
    .command('remove <name>')
    .description('remove an account for good and sign its user out everywhere')
    .option('--yes', 'do not ask for confirmation')
    .option(...force)
    .addOption(reasonOption())
    .action(remove)
  users
    .command('grant <name>')
    .description('make somebody an administrator and sign them out everywhere')
    .addOption(reasonOption())
    .action(setRole('admin'))
  users
    .command('revoke <name>')
    .description('make an administrator an ordinary user and sign them out everywhere')
    .option(...force)
    .addOption(reasonOption())
    .action(setRole('user'))
  addRecovery(users)
  addInvitations(users)
  return users
}

async function rename(from: string, to: string, options: DeedOptions, command: Command): Promise<void> {
  await withContext(async (context) => {
    const { administration, renaming } = context
    const who = await accountOf(from, context)
    const renamed = await orSaid(
      administration.rename(who, to, deedOf(options)).catch(async (error) => {
        const holder = error instanceof NameTakenError ? await renaming.holderOf(to) : undefined
        throw holder ? new CliError(heldBy(to, holder)) : error
      })
    )
    const { formerName } = renamed
    const { id, name } = renamed.account
    outputOf(command).done(
      `${formerName} is called ${name} now. Nobody else can take ${formerName} for 30 days.`,
      { id, name, formerName }
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

interface AddOptions {
  readonly admin?: true
  readonly email?: string
}

async function add(username: string, { admin, email: typed }: AddOptions, command: Command): Promise<void> {
  await withContext(async (context) => {
    const { accounts, renaming, audited } = context
    const role = admin ? 'admin' : 'user'
    const email = typed === undefined ? undefined : await freeAddress(typed, context)
    const result = await accounts.add({ username, password: await readPassword() }, role, email)
    if (!result.ok) {
      const holder = result.error instanceof NameTakenError ? await renaming.holderOf(username) : undefined
      throw new CliError(holder ? heldBy(username, holder) : result.error.message)
    }
    const { id, name } = result.account
    await audited({ event: 'registration', name, account: id })
    const added = { id, name, role, ...(email !== undefined && { email }) }
    outputOf(command).done(`Added ${name}${admin ? ', an administrator' : ''}.`, added)
  })
}

async function passwd(username: string, options: DeedOptions, command: Command): Promise<void> {
  const reason = checkedReason(options)
  await withContext(async (context) => {
    await accountOf(username, context)
    const changed = await context.accounts.changePassword(
      { username, password: await readPassword() },
      { circumstances: { ...byCommand.circumstances, reason } }
    )
    if (!changed.ok) throw new CliError(inEnglish(changed.reason))
    const { id, name } = changed.account
    await context.audited({ event: 'password-change', name, account: id, reason })
    await context.resetAttempts(changed.account)
    report(command, 'Changed the password of', changed)
  })
}

async function disable(username: string, options: DeedOptions, command: Command): Promise<void> {
  await withContext(async (context) => {
    const who = await accountOf(username, context)
    report(command, 'Disabled', await orSaid(context.administration.disable(who, deedOf(options))))
  })
}

async function enable(username: string, options: DeedOptions, command: Command): Promise<void> {
  await withContext(async (context) => {
    const who = await accountOf(username, context)
    const { id, name } = await orSaid(context.administration.enable(who, deedOf(options)))
    outputOf(command).done(`Enabled ${name}, who can sign in again.`, { id, name })
  })
}

async function open(username: string, options: DeedOptions, command: Command): Promise<void> {
  await withContext(async (context) => {
    const who = await accountOf(username, context)
    const { id, name, disabledAt } = await orSaid(context.administration.openAgain(who, deedOf(options)))
    const still = disabledAt ? ` The account is still disabled: run "latchkey users enable ${name}".` : ''
    outputOf(command).done(`${name} can try again: wrong passwords and codes are forgotten.${still}`, {
      id,
      name
    })
  })
}

async function remove(
  username: string,
  { yes = false, ...options }: DeedOptions & { readonly yes?: boolean },
  command: Command
): Promise<void> {
  await withContext(async (context) => {
    const who = await accountOf(username, context)
    await confirm({ what: `This removes the account of ${who.name} for good.`, yes })
    report(command, 'Removed', await orSaid(context.administration.remove(who, deedOf(options))))
  })
}

function setRole(role: Role) {
  const what =
    role === 'admin' ? 'Granted the role of administrator to' : 'Revoked the role of administrator from'
  return async (username: string, options: DeedOptions, command: Command): Promise<void> => {
    await withContext(async (context) => {
      const who = await accountOf(username, context)
      report(command, what, await orSaid(context.administration.setRole(who, role, deedOf(options))))
    })
  }
}

function report(command: Command, what: string, { account, sessionsEnded }: Done): void {
  const { id, name, role } = account
  const ended = describeEnded(sessionsEnded)
  outputOf(command).done(`${what} ${name}, who is signed out everywhere.`, { id, name, role, ...ended })
}
