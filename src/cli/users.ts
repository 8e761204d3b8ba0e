import { Command } from 'commander'
import type { Changed } from '../accounts/accounts.ts'
import type { AuditEventName } from '../audit/audit-event.ts'
import { inEnglish } from '../i18n/language.ts'
import type { Role } from '../identity/roles.ts'
import { closedTo } from '../throttle/allowances.ts'
import { confirm, readPassword } from './asking.ts'
import { atDesk, type Desk } from './desk.ts'
import { printerOf } from './printer.ts'
import { Refused } from './refused.ts'

/** `latchkey users`: who can sign in, and who may do what. */
export function users(): Command {
  const users = new Command('users')
    .description('who can sign in: add and list accounts, change, disable and remove them')
    .addHelpText('after', passwordHelp('add alice'))
  users
    .command('add <name>')
    .description('create an account')
    .option('--admin', 'make it an administrator’s')
    .addHelpText('after', passwordHelp('add alice'))
    .action(add)
  users.command('list').description('print every account').action(list)
  users
    .command('passwd <name>')
    .description('change somebody’s password and sign them out everywhere')
    .addHelpText('after', passwordHelp('passwd alice'))
    .action(passwd)
  users
    .command('disable <name>')
    .description('sign somebody out everywhere and let them sign in no more')
    .action(disable)
  users.command('enable <name>').description('let somebody sign in again').action(enable)
  users
    .command('remove <name>')
    .description('remove an account for good')
    .option('--yes', 'do not ask')
    .action(remove)
  users.command('grant <name>').description('make somebody an administrator').action(setRole('admin'))
  users
    .command('revoke <name>')
    .description('make an administrator a user like others')
    .action(setRole('user'))
  return users
}

function passwordHelp(words: string): string {
  return `\nA password is asked for, or read from standard input:\n  $ latchkey users ${words} < password.txt`
}

async function add(username: string, { admin }: { admin?: true }, command: Command): Promise<void> {
  await atDesk(async ({ accounts, note }) => {
    const role = admin ? 'admin' : 'user'
    const result = await accounts.add({ username, password: await readPassword() }, role)
    if (!result.ok) throw new Refused(result.error.message)
    const { name } = result.account
    await note({ event: 'registration', name })
    printerOf(command).done(`Added ${name}${admin ? ', an administrator' : ''}.`, { name, role })
  })
}

async function list(_options: object, command: Command): Promise<void> {
  await atDesk(async ({ accounts }) => {
    const rows = (await accounts.list()).map(({ name, role, createdAt, disabledAt = null, wrongTries }) => ({
      name,
      role,
      createdAt,
      disabledAt,
      wrongTries,
      closedTo: closedTo(wrongTries)
    }))
    printerOf(command).table(rows, 'No accounts yet. Add the first one with "latchkey users add NAME".')
  })
}

async function passwd(username: string, _options: object, command: Command): Promise<void> {
  await atDesk(async (desk) => {
    await nameOf(username, desk)
    const changed = await desk.accounts.changePassword({ username, password: await readPassword() })
    if (changed.ok) await desk.forgetTries(username)
    await tell(desk, command, { changed, event: 'password-change', what: 'Changed the password of' })
  })
}

async function disable(username: string, _options: object, command: Command): Promise<void> {
  await atDesk(async (desk) => {
    const changed = await desk.accounts.disable(username)
    await tell(desk, command, { changed, event: 'account-disable', what: 'Disabled' })
  })
}

async function enable(username: string, _options: object, command: Command): Promise<void> {
  await atDesk(async ({ accounts, note, forgetTries }) => {
    const account = await accounts.enable(username)
    if (!account) throw new Refused(`Nobody is called "${username}".`)
    await forgetTries(username)
    const { name } = account
    await note({ event: 'account-enable', name })
    printerOf(command).done(`Enabled ${name}, who can sign in again.`, { name })
  })
}

async function remove(username: string, { yes = false }: { yes?: boolean }, command: Command) {
  await atDesk(async (desk) => {
    const name = await nameOf(username, desk)
    await confirm({ what: `This removes the account of ${name} for good.`, yes })
    const changed = await desk.accounts.remove(name)
    await tell(desk, command, { changed, event: 'account-remove', what: 'Removed' })
  })
}

function setRole(role: Role) {
  const what = role === 'admin' ? 'Made an administrator of' : 'Made a user like others of'
  return async (username: string, _options: object, command: Command): Promise<void> => {
    await atDesk(async (desk) => {
      const changed = await desk.accounts.setRole(username, role)
      await tell(desk, command, { changed, event: 'role-change', what })
    })
  }
}

/** The name as it was written when the account was made. */
async function nameOf(username: string, { accounts }: Desk): Promise<string> {
  const account = await accounts.find(username)
  if (!account) throw new Refused(`Nobody is called "${username}".`)
  return account.name
}

interface Tale {
  readonly changed: Changed
  readonly event: AuditEventName
  readonly what: string
}

async function tell(desk: Desk, command: Command, { changed, event, what }: Tale): Promise<void> {
  if (!changed.ok) throw new Refused(inEnglish(changed.reason))
  const { account, sessionsEnded } = changed
  const { name, role } = account
  await desk.note({ event, name })
  printerOf(command).done(`${what} ${name}, who is signed out everywhere.`, { name, role, sessionsEnded })
}
