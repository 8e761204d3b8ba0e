import { Command } from 'commander'
import { confirm } from './asking.ts'
import { atDesk, type Desk } from './desk.ts'
import { type Printer, printerOf } from './printer.ts'
import { Refused } from './refused.ts'

/** `latchkey sessions`: who is signed in where. */
export function sessions(): Command {
  const sessions = new Command('sessions').description('who is signed in where: list and end sessions')
  sessions.command('list <name>').description('print the sessions of one person').action(list)
  sessions
    .command('end [session-or-name]')
    .description('end one session by its handle, or with --all every session of a person or of everybody')
    .option('--all', 'every session of the person who is named, or without a name of everybody')
    .option('--yes', 'do not ask before everybody is signed out')
    .addHelpText(
      'after',
      `
Examples:
  $ latchkey sessions end 1f0c2b7d9a4e6358
  $ latchkey sessions end alice --all
  $ latchkey sessions end --all`
    )
    .action(end)
  return sessions
}

async function list(username: string, _options: object, command: Command): Promise<void> {
  await atDesk(async (desk) => {
    const { name, hasAccount } = await person(username, desk)
    const listed = await (await desk.sessions()).listByUser(name)
    if (!hasAccount && listed.length === 0) throw nobodyIs(name)
    const rows = listed.map(({ handle, startedAt, seenAt, endsAt, address, device, userAgent }) => ({
      session: handle,
      startedAt,
      seenAt,
      endsAt,
      address: address ?? null,
      browser: device.browser ?? userAgent ?? null,
      system: device.system ?? null
    }))
    printerOf(command).table(rows, `${name} is signed in nowhere.`)
  })
}

interface EndOptions {
  readonly all?: boolean
  readonly yes?: boolean
}

async function end(which: string | undefined, { all, yes = false }: EndOptions, command: Command) {
  if (which === undefined && !all) command.error('error: say which session, or whose with --all')
  await atDesk(async (desk) => {
    const printer = printerOf(command)
    if (which === undefined) await endEverybodys(desk, printer, yes)
    else if (all) await endAllOf(which, desk, printer)
    else await endOne(which, desk, printer)
  })
}

async function endOne(handle: string, { allSessions, note }: Desk, printer: Printer): Promise<void> {
  const ended = await (await allSessions()).endOne(handle)
  if (!ended)
    throw new Refused(`No session is called "${handle}". Every session of a person: --all after the name.`)
  const name = ended.owner
  await note({ event: 'session-end', name, session: handle })
  printer.done(`Ended the session ${handle} of ${name ?? 'nobody'}.`, {
    session: handle,
    name: name ?? null,
    sessionsEnded: 1
  })
}

async function endAllOf(username: string, desk: Desk, printer: Printer): Promise<void> {
  const { name, hasAccount } = await person(username, desk)
  const sessionsEnded = await (await desk.sessions()).endAll(name)
  if (!hasAccount && sessionsEnded === 0) throw nobodyIs(name)
  await desk.note({ event: 'sessions-end', name })
  printer.done(`${name} is signed out everywhere: ${counted(sessionsEnded)}.`, { name, sessionsEnded })
}

async function endEverybodys({ allSessions, note }: Desk, printer: Printer, yes: boolean): Promise<void> {
  await confirm({ what: 'This signs everybody out, you too.', yes })
  const sessionsEnded = await (await allSessions()).endEvery()
  await note({ event: 'sessions-end' })
  printer.done(`Everybody is signed out: ${counted(sessionsEnded)}.`, { sessionsEnded })
}

/** As the account has it, or as it was typed: sessions of a removed account, or of an app's own people, have no account. */
async function person(username: string, { accounts }: Desk): Promise<{ name: string; hasAccount: boolean }> {
  const account = await accounts.find(username)
  return { name: account?.name ?? username, hasAccount: account !== undefined }
}

/** Most likely the name was mistyped: whoever hears "signed out" of it would believe it of somebody else. */
function nobodyIs(name: string): Refused {
  return new Refused(`Nobody is called "${name}", and no session is of that name.`)
}

function counted(sessions: number): string {
  return sessions === 1 ? '1 session ended' : `${sessions} sessions ended`
}
