import { Command, InvalidArgumentError } from 'commander'
import { withContext } from './context.ts'
import { outputOf } from './output.ts'

/** `latchkey audit`: shows the audit trail. */
export function audit(): Command {
  const audit = new Command('audit').description('show events of accounts and sessions')
  audit
    .command('tail')
    .description('print the latest events, the newest last')
    .option('--name <name>', 'only events of this person')
    .option('-n, --lines <number>', 'how many events', wholeNumber, 20)
    .action(tail)
  return audit
}

interface TailOptions {
  readonly name?: string
  readonly lines: number
}

async function tail({ name: username, lines }: TailOptions, command: Command): Promise<void> {
  await withContext(async ({ accounts, audit, storedIn }) => {
    const name = username && ((await accounts.find(username))?.name ?? username)
    const entries = await audit.list(name, lines)
    const rows = entries.toReversed().map((entry) => ({
      at: entry.at,
      event: entry.event,
      name: entry.name ?? null,
      actor: entry.by?.kind ?? null,
      by: entry.by?.kind === 'account' ? entry.by.name : null,
      address: entry.address ?? null,
      session: entry.session ?? null
    }))
    const whose = name === undefined ? `in ${storedIn} yet` : `of "${name}"`
    outputOf(command).table(rows, `There are no events ${whose}.`)
  })
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999.')
}
