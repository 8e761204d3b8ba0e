import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import type { AuditEventName } from '../audit/audit-event.ts'
import { type AuditFilter, auditRecord, type FoundEntry } from '../audit/audit-filter.ts'
import { StorageError } from '../errors/errors.ts'
import { type CommandContext, withContext } from './context.ts'
import { type Output, outputOf } from './output.ts'
import { whenInterrupted } from './prompt.ts'

/** `latchkey audit`: shows the audit trail. */
export function audit(): Command {
  const audit = new Command('audit').description('show events of accounts and sessions')
  audit
    .command('tail')
    .description('print the latest events, the newest last')
    .option('--name <name>', 'only events of the account that has this name now')
    .option('--earlier', 'with --name: also those of whoever had the name before, or has it in an app')
    .option('--event <event>', 'only events of this name, such as sign-in')
    .option('--by <name>', 'only what this administrator did')
    .option('--address <address>', 'only events from this client address')
    .option('-n, --lines <number>', 'how many events', wholeNumber, 20)
    .option('-f, --follow', 'go on printing events as they happen, until Ctrl-C')
    .action(tail)
  return audit
}

interface TailOptions {
  readonly name?: string
  readonly earlier?: true
  readonly event?: string
  readonly by?: string
  readonly address?: string
  readonly follow?: true
  readonly lines: number
}

const lookEveryMilliseconds = 1000
/** Another process may store an event later than one that it happened before. */
const lateMilliseconds = 10_000

async function tail(options: TailOptions, command: Command): Promise<void> {
  const { name: username, earlier, lines, follow, by, event, address } = options
  const isNarrowed = follow || by !== undefined || event !== undefined || address !== undefined
  if (earlier && username === undefined) command.error('error: --earlier needs --name <name>')
  if (earlier && isNarrowed) command.error('error: --earlier goes with --name and --lines alone')
  await withContext(async (context) => {
    const { accounts, audit, storedIn } = context
    const output = outputOf(command)
    const account = username === undefined ? undefined : await accounts.find(username)
    const name = account?.name ?? username
    const whose = name === undefined ? `in ${storedIn} yet` : `of "${name}"`
    const nothing = isNarrowed ? 'There are no such events.' : `There are no events ${whose}.`
    if (isNarrowed) {
      const filter = {
        ...(account ? { account: account.id } : { name: username }),
        ...{ event: event as AuditEventName | undefined, by: await idOf(by, context), address }
      }
      return follow
        ? await goOn(context, output, { filter, lines })
        : await found(context, output, { filter, lines, nothing })
    }
    const entries = await audit.list(account && !earlier ? account.id : name && { name }, lines)
    output.table(entries.toReversed().map(auditRecord), nothing)
    if (!account || earlier || !(await audit.hasOthersNamed(account.name, account.id))) return
    const hint = 'There are events of an earlier owner of this name, or of an app’s user: add --earlier.'
    output.done(hint, { earlier: true })
  })
}

/** An administrator who is gone is found by id. */
async function idOf(name: string | undefined, { accounts }: CommandContext): Promise<string | undefined> {
  return name === undefined ? undefined : ((await accounts.find(name))?.id ?? name)
}

interface Search {
  readonly filter: AuditFilter
  readonly lines: number
}

async function found(
  { audit }: CommandContext,
  output: Output,
  { filter, lines, nothing }: Search & { readonly nothing: string }
): Promise<void> {
  const latest = await latestOf(audit, filter, lines)
  output.table(
    latest.map(({ entry }) => auditRecord(entry)),
    nothing
  )
}

/** Looks again every second. An outage is told once; what happened meanwhile follows. */
async function goOn({ audit }: CommandContext, output: Output, { filter, lines }: Search): Promise<void> {
  const ended = whenInterrupted()
  const print = output.growing()
  let from = audit.now() - lateMilliseconds
  // Those before the lines that are asked for are not new.
  const before = await latestOf(audit, { ...filter, from: new Date(from) }, Number.POSITIVE_INFINITY)
  const seen = new Map<string, number>()
  let isAway = false
  for (let some = await latestOf(audit, filter, lines); ; ) {
    const fresh = some.filter(({ cursor }) => !seen.has(cursor))
    print(fresh.map(({ entry }) => auditRecord(entry)))
    for (const { cursor, entry } of [...before.splice(0), ...fresh]) seen.set(cursor, entry.at.getTime())
    for (const [cursor, at] of seen) if (at < from) seen.delete(cursor)
    if (!(await waited(ended))) return
    try {
      const asked = audit.now()
      some = await latestOf(audit, { ...filter, from: new Date(from) }, Number.POSITIVE_INFINITY)
      // Only then: what happened during an outage is looked for after it.
      from = Math.max(from, asked - lateMilliseconds)
      isAway = false
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      if (!isAway) console.error(`${error.message}. Trying again every second.`)
      isAway = true
      some = []
    }
  }
}

async function latestOf(
  audit: CommandContext['audit'],
  filter: AuditFilter,
  lines: number
): Promise<FoundEntry[]> {
  const latest: FoundEntry[] = []
  for await (const found of audit.search(filter)) {
    latest.push(found)
    if (latest.length >= lines) break
  }
  return latest.reverse()
}

/** @returns false when it was interrupted */
async function waited(signal: AbortSignal): Promise<boolean> {
  await sleep(lookEveryMilliseconds, undefined, { signal }).catch(() => {})
  return !signal.aborted
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999.')
}
