import { Command, InvalidArgumentError } from 'commander'
import { auditRecord } from '../audit/audit-filter.ts'
import { withContext } from './context.ts'
import { outputOf } from './output.ts'

/** `latchkey audit`: shows the audit trail. */
export function audit(): Command {
  const audit = new Command('audit').description('show events of accounts and sessions')
  audit
    .command('tail')
    .description('print the latest events, the newest last')
    .option('--name <name>', 'only events of the account that has this name now')
    .option('--earlier', 'with --name: also those of whoever had the name before, or has it in an app')
    .option('-n, --lines <number>', 'how many events', wholeNumber, 20)
    .action(tail)
  return audit
}

interface TailOptions {
  readonly name?: string
  readonly earlier?: true
  readonly lines: number
}

async function tail({ name: username, earlier, lines }: TailOptions, command: Command): Promise<void> {
  if (earlier && username === undefined) command.error('error: --earlier needs --name <name>')
  await withContext(async ({ accounts, audit, storedIn }) => {
    const account = username === undefined ? undefined : await accounts.find(username)
    const name = account?.name ?? username
    const entries = await audit.list(account && !earlier ? account.id : name && { name }, lines)
    const rows = entries.toReversed().map(auditRecord)
    const whose = name === undefined ? `in ${storedIn} yet` : `of "${name}"`
    const output = outputOf(command)
    output.table(rows, `There are no events ${whose}.`)
    if (!account || earlier || !(await audit.hasOthersNamed(account.name, account.id))) return
    const hint = 'There are events of an earlier owner of this name, or of an app’s user: add --earlier.'
    output.done(hint, { earlier: true })
  })
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999.')
}
