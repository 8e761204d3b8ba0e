#!/usr/bin/env node
import './start/node-version.cjs'

import { Command, CommanderError } from 'commander'
import { accounts } from './cli/accounts.ts'
import { audit } from './cli/audit.ts'
import { backup, restore } from './cli/backup.ts'
import { exitCodes } from './cli/cli-error.ts'
import { gate } from './cli/gate.ts'
import { groups } from './cli/groups.ts'
import { mail } from './cli/mail.ts'
import { isInterrupted } from './cli/prompt.ts'
import { secrets } from './cli/secrets.ts'
import { sessions } from './cli/sessions.ts'
import { settings } from './cli/settings.ts'
import { users } from './cli/users.ts'
import { LatchkeyError } from './errors/define-error.ts'
import { version } from './primitives/version.ts'
import { printableJson, printableLines } from './primitives/visible-text.ts'

// The reader of the output may stop early, as `head` does; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
process.exitCode = await run(process.argv.slice(2))

async function run(words: readonly string[]): Promise<number> {
  try {
    await latchkey().parseAsync(words, { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    return explain(error, words.includes('--json'))
  }
}

function latchkey(): Command {
  const latchkey = new Command('latchkey')
    .description(
      'Manages accounts and sessions. Settings come from the environment and .env, as for the service.'
    )
    .version(version(), '--version', 'print the version')
    .option('--json', 'print JSON, one result a line, errors too')
    .addHelpText(
      'after',
      `
Examples:
  $ latchkey users add alice
  $ latchkey sessions list alice
  $ latchkey audit tail --name alice
  $ latchkey backup latchkey-backup.db
  $ latchkey gate check https://app.example.org/ --user alice
  $ latchkey settings

Times are in UTC. Exits with 0 on success, 1 if the request cannot be done, and 2 if the command is wrong.`
    )
  for (const noun of [
    users(),
    groups(),
    sessions(),
    audit(),
    accounts(),
    mail(),
    backup(),
    restore(),
    secrets(),
    gate(),
    settings()
  ])
    latchkey.addCommand(noun)
  return alike(latchkey)
}

/** Commander throws instead of exiting, and each command's help shows the global options. */
function alike(command: Command): Command {
  for (const inner of command.commands) alike(inner)
  return command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(printableLines(text)) })
}

function explain(error: unknown, asJson: boolean): number {
  // Commander has printed the error, or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.wrongUsage
  if (!(error instanceof Error)) throw error
  if (isInterrupted(error)) return exitCodes.interrupted
  if (!(error instanceof LatchkeyError)) throw error
  const { message, code } = error
  console.error(asJson ? printableJson({ error: message, code }) : printableLines(message))
  return exitCodes.refused
}
