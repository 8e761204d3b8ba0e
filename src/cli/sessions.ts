import { Command } from 'commander'
import { type Owner, ownerKeyOfName } from '../identity/owner-key.ts'
import { describeEnded, type EndedCount } from '../sessions/ended-count.ts'
import { cursorPattern } from '../sessions/session-store.ts'
import { CliError } from './cli-error.ts'
import { type CommandContext, withContext } from './context.ts'
import { checkedReason, type DeedOptions, deedOf, orSaid, reasonOption } from './deed.ts'
import { type Output, outputOf } from './output.ts'
import { confirm } from './prompt.ts'

/** `latchkey sessions`: lists and ends sessions. */
export function sessions(): Command {
  const sessions = new Command('sessions').description('list and end sessions')
  sessions
    .command('list <name>')
    .description('print the sessions of one person, the last used first, 25 at a time')
    .option('--after <cursor>', 'continue after a page: its last line names the cursor')
    .action(list)
  sessions
    .command('end [session-or-name]')
    .description('end one session by its handle; with --all, all sessions of a person or of everybody')
    .option('--all', 'all sessions of the named person, or of everybody without a name')
    .option('--yes', 'do not ask for confirmation')
    .addOption(reasonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ latchkey sessions end 1f0c2b7d9a4e63586d1b8e02c7f3a954
  $ latchkey sessions end alice --all
  $ latchkey sessions end --all`
    )
    .action(end)
  return sessions
}

interface ListOptions {
  readonly after?: string
}

async function list(username: string, { after }: ListOptions, command: Command): Promise<void> {
  await withContext(async (context) => {
    const { id, name, hasAccount } = await person(username, context)
    if (after !== undefined && !cursorPattern.test(after))
      throw new CliError(`"${after}" is not a cursor: take the one from the last line of a page.`)
    const { sessions: listed, next } = await (await context.sessions()).listByUser(id, { after })
    if (!hasAccount && listed.length === 0) throw unknownName(name)
    const rows = listed.map(({ handle, startedAt, seenAt, endsAt, address, device, userAgent }) => ({
      session: handle,
      startedAt,
      seenAt,
      endsAt,
      address: address ?? null,
      browser: device.browser ?? userAgent ?? null,
      system: device.system ?? null
    }))
    const output = outputOf(command)
    const isFirst = after === undefined
    output.table(rows, isFirst ? `${name} is not signed in anywhere.` : `${name} has no more sessions.`)
    if (next !== undefined) output.done(`There are more: add --after ${next}`, { next })
  })
}

interface EndOptions extends DeedOptions {
  readonly all?: boolean
  readonly yes?: boolean
}

async function end(
  which: string | undefined,
  { all, yes = false, ...options }: EndOptions,
  command: Command
): Promise<void> {
  const reason = checkedReason(options)
  if (which === undefined && !all) command.error('error: name a session, or add --all')
  await withContext(async (context) => {
    const output = outputOf(command)
    if (which === undefined) await revokeEverything(context, output, { yes, reason })
    else if (all) await revokeAllOf(which, context, { output, reason })
    else await revokeOne(which, context, { output, reason })
  })
}

interface Ending {
  readonly output: Output
  readonly reason: string | undefined
}

async function revokeOne(
  handle: string,
  { allSessions, audited }: CommandContext,
  { output, reason }: Ending
): Promise<void> {
  const ended = await (await allSessions()).revokeOne(handle)
  if (!ended)
    throw new CliError(
      `There is no session "${handle}". To end all sessions of a person, add --all after the name.`
    )
  const { name, account } = ended
  await audited({ event: 'session-end', name, account, session: handle, reason })
  output.done(`Ended the session ${handle} of ${name ?? 'a visitor'}.`, {
    session: handle,
    name: name ?? null,
    sessionsEnded: 1
  })
}

async function revokeAllOf(
  username: string,
  context: CommandContext,
  { output, reason }: Ending
): Promise<void> {
  const { hasAccount, ...owner } = await person(username, context)
  const { name } = owner
  const { administration } = context
  const count = hasAccount
    ? (await orSaid(administration.endSessions(owner, deedOf({ reason })))).sessionsEnded
    : await (await context.sessions()).revokeAllOf(owner)
  if (!hasAccount && count === 0) throw unknownName(name)
  if (!hasAccount) await context.audited({ event: 'sessions-end', name, reason })
  const ended = describeEnded(count)
  output.done(`${name} is signed out everywhere: ${counted(ended)}.`, { name, ...ended })
}

async function revokeEverything(
  { allSessions, audited }: CommandContext,
  output: Output,
  { yes, reason }: { readonly yes: boolean; readonly reason: string | undefined }
): Promise<void> {
  await confirm({ what: 'This signs everybody out, including you.', yes })
  const sessionsEnded = await (await allSessions()).revokeEverything()
  await audited({ event: 'sessions-end', reason })
  output.done(`Everybody is signed out: ${counted({ sessionsEnded })}.`, { sessionsEnded })
}

/**
 * The name of the account, or as typed if there is none: sessions may outlive an account, or belong to an
 * app's own users.
 */
async function person(
  username: string,
  { accounts }: CommandContext
): Promise<Owner & { readonly hasAccount: boolean }> {
  const account = await accounts.find(username)
  const { id, name } = account ?? { id: ownerKeyOfName(username), name: username }
  return { id, name, hasAccount: account !== undefined }
}

/** A mistyped name must not be reported as signed out. */
function unknownName(name: string): CliError {
  return new CliError(`There is no account called "${name}" and no session with that name.`)
}

function counted({ sessionsEnded, more }: EndedCount): string {
  const sessions = sessionsEnded === 1 ? '1 session' : `${sessionsEnded} sessions`
  return `${more ? 'more than ' : ''}${sessions} ended`
}
