import { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { outputOf } from './output.ts'
import { readInput } from './prompt.ts'

/** `latchkey accounts`: exports and imports all accounts. */
export function accounts(): Command {
  const accounts = new Command('accounts').description('export and import all accounts')
  accounts
    .command('export')
    .description('print every account, password hashes included, one line of JSON each')
    .action(exportAll)
  accounts
    .command('import')
    .description('add the accounts from standard input: all of them, or none if one is refused')
    .option('--skip-taken', 'skip accounts whose name is taken; existing ones are never overwritten')
    .addHelpText(
      'after',
      `
Example, from the embedded database to PostgreSQL, which needs Redis for the sessions:
  $ umask 077
  $ DATABASE_URL=file:./data/latchkey.db latchkey accounts export > accounts.jsonl
  $ export DATABASE_URL=postgres://… REDIS_URL=redis://… SESSION_SECRET=…
  $ latchkey accounts import < accounts.jsonl
  $ rm accounts.jsonl`
    )
    .action(importAll)
  return accounts
}

async function exportAll(): Promise<void> {
  const { toLine } = await import('../accounts/account-lines.ts')
  await withContext(async ({ allAccounts }) => {
    for await (const account of allAccounts.each()) console.log(toLine(account))
  })
}

async function importAll({ skipTaken = false }: { skipTaken?: boolean }, command: Command): Promise<void> {
  const { parseLines } = await import('../accounts/account-lines.ts')
  const parsed = parseLines(await readInput())
  if (!parsed.ok) throw new CliError('Nothing was imported.', firstOf(parsed.faults))
  await withContext(async ({ allAccounts, audited }) => {
    const { added, taken, renamed } = await allAccounts.add(parsed.accounts, { skipTaken })
    if (renamed.length > 0) {
      const faults = renamed.map(({ name, present }) => `${name} has the id of ${present}.`)
      throw new CliError(
        'Nothing was imported. An id belongs to one account for good: remove it from these lines, for new accounts.',
        firstOf(faults)
      )
    }
    if (taken.length > 0 && !skipTaken) {
      const names = firstOf(taken).join(', ')
      throw new CliError(
        `Nothing was imported. These names are taken: ${names}. To skip them, add --skip-taken.`
      )
    }
    await audited({ event: 'accounts-import' })
    const leftOut = taken.length > 0 ? `, and skipped ${taken.length} whose names are taken` : ''
    outputOf(command).done(`Imported ${added} accounts${leftOut}.`, { added, taken })
  })
}

/** A wrong file may have as many faults as lines. */
function firstOf(all: readonly string[]): readonly string[] {
  const max = 10
  return all.length > max ? [...all.slice(0, max), `and ${all.length - max} more`] : all
}
