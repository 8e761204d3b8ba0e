import { type Command, Option } from 'commander'
import type { FoundAccounts, SearchOptions, Sort } from '../accounts/account-search.ts'
import { sorts } from '../accounts/account-sorts.ts'
import { closedTo } from '../throttle/allowances.ts'
import { withContext } from './context.ts'
import { outputOf } from './output.ts'

interface ListOptions {
  readonly search?: string
  readonly sort: Sort
  readonly reverse?: true
}

/** `latchkey users list`. */
export function addList(users: Command): void {
  users
    .command('list')
    .description('print every account, or those that are searched for')
    .option('--search <beginning>', 'only accounts whose name or address begins so, in any spelling')
    .addOption(new Option('--sort <order>', 'in which order').choices(sorts).default('name'))
    .option('--reverse', 'names from the end, the earliest times first')
    .action(list)
}

async function list({ search, sort, reverse }: ListOptions, command: Command): Promise<void> {
  const direction = (sort === 'name') === (reverse === undefined) ? 'ascending' : 'descending'
  await withContext(async ({ accountSearch, storedIn }) => {
    const rows = []
    for await (const found of everyPage(accountSearch, { startsWith: search, sort, direction }))
      rows.push(...found.map(rowOf))
    outputOf(command).table(
      rows,
      search === undefined
        ? `There are no accounts in ${storedIn} yet. Add the first one with "latchkey users add NAME".`
        : `No name and no address in ${storedIn} begins with "${search}".`
    )
  })
}

async function* everyPage(
  search: { search(options: SearchOptions): Promise<FoundAccounts> },
  options: SearchOptions
): AsyncGenerator<FoundAccounts['accounts']> {
  let after: string | undefined
  do {
    const { accounts, next } = await search.search({ ...options, after, limit: 1000 })
    yield accounts
    after = next
  } while (after !== undefined)
}

function rowOf(account: FoundAccounts['accounts'][number]) {
  const { id, name, role, createdAt, signedInAt, disabledAt, failedAttempts, secondFactors, email } = account
  return {
    name,
    role,
    createdAt,
    signedInAt: signedInAt ?? null,
    disabledAt: disabledAt ?? null,
    failedAttempts,
    closedTo: closedTo(failedAttempts),
    secondFactors,
    email: email ?? null,
    id
  }
}
