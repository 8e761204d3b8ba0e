import { Command } from 'commander'
import type { NewAccount } from '../accounts/account.ts'
import type { KeyRing } from '../encryption/key-ring.ts'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { outputOf } from './output.ts'
import { readInput } from './prompt.ts'

const withoutFactors = [
  '--without-factors',
  'leave second factors out: people sign in with the password alone'
] as const

/** `latchkey accounts`: exports and imports all accounts. */
export function accounts(): Command {
  const accounts = new Command('accounts').description('export and import all accounts')
  accounts
    .command('export')
    .description('print every account, password hashes included, one line of JSON each')
    .option(...withoutFactors)
    .action(exportAll)
  accounts
    .command('import')
    .description('add the accounts from standard input: all of them, or none if one is refused')
    .option(...withoutFactors)
    .option(
      '--skip-taken',
      'skip accounts whose name or e-mail address is taken; existing ones are never overwritten'
    )
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

interface Options {
  readonly withoutFactors?: boolean
}

async function exportAll({ withoutFactors }: Options): Promise<void> {
  const { toLine } = await import('../accounts/account-lines.ts')
  await withContext(async ({ allAccounts }) => {
    for await (const account of allAccounts.each())
      console.log(toLine(withoutFactors ? { ...account, factors: undefined } : account))
  })
}

async function importAll(
  options: Options & { readonly skipTaken?: boolean },
  command: Command
): Promise<void> {
  const { skipTaken = false, withoutFactors } = options
  const { parseLines } = await import('../accounts/account-lines.ts')
  const parsed = parseLines(await readInput())
  if (!parsed.ok) throw new CliError('Nothing was imported.', firstOf(parsed.faults))
  await withContext(async ({ allAccounts, audited, dataKeys }) => {
    const read = withoutFactors
      ? parsed.accounts.map((account) => ({ ...account, factors: undefined }))
      : await sealedHere(parsed.accounts, dataKeys)
    const { accounts, leftOut: untold } = await withAddressesHere(read, dataKeys)
    const { added, taken, renamed } = await allAccounts.add(accounts, { skipTaken })
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
        `Nothing was imported. The name or the e-mail address of these accounts is taken: ${names}. To skip them, add --skip-taken.`
      )
    }
    await audited({ event: 'accounts-import' })
    const leftOut =
      taken.length > 0 ? `, and skipped ${taken.length} whose name or e-mail address is taken` : ''
    const lost =
      untold.length > 0
        ? ` Former addresses of ${firstOf(untold).join(', ')} were left out: their key is not in DATA_KEYS.`
        : ''
    const result = { added, taken, ...(untold.length > 0 && { withoutFormerAddresses: untold }) }
    outputOf(command).done(`Imported ${added} accounts${leftOut}.${lost}`, result)
  })
}

/** @throws {CliError} when one-time codes are sealed with a key that is not in DATA_KEYS */
async function sealedHere(
  accounts: readonly NewAccount[],
  dataKeys: () => KeyRing
): Promise<readonly NewAccount[]> {
  if (!accounts.some(({ factors }) => factors?.codes)) return accounts
  const { resealed } = await import('../accounts/exported-factors.ts')
  const { accounts: sealed, unreadable } = resealed(accounts, dataKeys())
  if (unreadable.length === 0) return sealed
  throw new CliError(
    `Nothing was imported. These accounts have one-time codes whose key is not in DATA_KEYS: ${firstOf(unreadable).join(', ')}. Add the key of the other database at its end (it may be in data.key), or add --without-factors.`
  )
}

/** @returns also the names of those whose former addresses cannot be opened here, and were left out */
async function withAddressesHere(accounts: readonly NewAccount[], dataKeys: () => KeyRing) {
  if (!accounts.some(({ formerAddresses }) => formerAddresses)) return { accounts, leftOut: [] }
  const { withSealedAddresses } = await import('../accounts/exported-addresses.ts')
  return withSealedAddresses(accounts, dataKeys())
}

/** A wrong file may have as many faults as lines. */
function firstOf(all: readonly string[]): readonly string[] {
  const max = 10
  return all.length > max ? [...all.slice(0, max), `and ${all.length - max} more`] : all
}
