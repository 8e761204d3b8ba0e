import { Command } from 'commander'
import { askedFor, groupsHeader, toHeader } from '../gate/gate-request.ts'
import { type Decision, type GateVisitor, type Rule, stricter } from '../gate/rules/rule.ts'
import { RuleBook } from '../gate/rules/rule-book.ts'
import { nameKey } from '../identity/names.ts'
import { readOwnConfig } from '../settings/config.ts'
import { CliError } from './cli-error.ts'
import { withContext } from './context.ts'
import { outputOf } from './output.ts'

/** `latchkey gate`: shows what the rules of the gate do. */
export function gate(): Command {
  const gate = new Command('gate').description('show what the rules of GATE_RULES do')
  gate.command('rules').description('print the rules as they are understood').action(printRules)
  gate
    .command('check <url>')
    .description('say which rule decides about an address, and what the app gets')
    .option('--user <name>', 'for this account; without it for somebody who is not signed in')
    .option('--method <method>', 'the method of the request', 'GET')
    .option('--from <address>', 'the client’s IP address; without it no rule with a network matches')
    .action(check)
  return gate
}

function printRules(_options: object, command: Command): void {
  const { gateRules } = readOwnConfig()
  const rows = (gateRules?.book.rules ?? []).map((rule) => ({
    line: rule.line,
    host: rule.hosts.join(', '),
    path: rule.paths?.map(({ text }) => text).join(', '),
    method: rule.methods && [...rule.methods].join(', '),
    from: rule.networks?.join(', '),
    who: rule.whoText,
    factors: rule.factors === 1 ? undefined : rule.factors,
    within: rule.within,
    answer: rule.then
  }))
  outputOf(command).table(rows, withoutRules)
}

const withoutRules = 'GATE_RULES is not set: whoever is signed in may use every app.'

interface CheckOptions {
  readonly user?: string
  readonly method: string
  readonly from?: string
}

async function check(
  url: string,
  { user, method, from = '' }: CheckOptions,
  command: Command
): Promise<void> {
  const asked = askedFor({ originalUrl: url, uri: undefined, method, protocol: '', host: '' }, { ip: from })
  if (typeof asked === 'string')
    throw new CliError(`${url} is no address: write it as https://app.example.org/admin`)
  const { gateRules } = readOwnConfig()
  const book = gateRules?.book ?? new RuleBook([])
  const person = user === undefined ? undefined : await personOf(user)
  const decision = gateRules
    ? asked.map((each) => book.decide(each, person?.visitor)).reduce(stricter)
    : withoutBook(person !== undefined)
  const headers = decision.outcome === 'allow' ? (person?.headers ?? {}) : {}
  const { outcome, rule, path } = decision
  outputOf(command).done(
    [
      `${url}: ${answerFor(decision, person?.visitor.name)}`,
      gateRules ? reasonFor(decision, gateRules.file) : withoutRules,
      ...readingOf(url, decision),
      ...(outcome === 'allow' ? [sentToApp(headers)] : [])
    ].join(' '),
    {
      outcome,
      line: rule?.line ?? null,
      path,
      factors: rule?.factors ?? null,
      within: rule?.within ?? null,
      headers
    }
  )
}

interface Person {
  /** As if everything were proved. */
  readonly visitor: GateVisitor
  readonly headers: Readonly<Record<string, string>>
}

async function personOf(username: string): Promise<Person> {
  let person: Person | undefined
  await withContext(async ({ accounts, groups }) => {
    const account = await accounts.find(username)
    if (!account) throw new CliError(`There is no account with the name ${username}.`)
    const { id, name, role, disabledAt, email } = account
    if (disabledAt) throw new CliError(`${name} is disabled, and to the gate a visitor: leave out --user.`)
    const names = await groups.of(id)
    person = {
      visitor: { name, role, groupKeys: new Set(names.map(nameKey)), proves: () => true },
      headers: {
        'X-Auth-Id': id,
        'Remote-User': toHeader(name),
        ...(names.length > 0 && { 'Remote-Groups': groupsHeader(names) }),
        ...(email !== undefined && { 'Remote-Email': toHeader(email) })
      }
    }
  })
  return person as Person
}

function withoutBook(isSignedIn: boolean): Decision {
  return { outcome: isSignedIn ? 'allow' : 'sign-in', rule: undefined, path: '' }
}

function answerFor({ outcome, rule }: Decision, name = 'a visitor'): string {
  if (outcome === 'deny') return `${name} is refused (403).`
  if (outcome === 'sign-in') return `${name} has to sign in first (401).`
  return `${name} may pass${proofsOf(rule)}.`
}

function proofsOf({ factors, within }: Partial<Rule> = {}): string {
  const needs =
    factors === undefined || factors === 1
      ? ''
      : ` with ${factors === 2 ? '2 factors' : 'a phishing-resistant proof'}`
  return needs + (within === undefined ? '' : `, proved within ${within}`)
}

function reasonFor({ rule, fault }: Decision, file: string): string {
  if (fault) return `No rule decides: ${fault}.`
  if (!rule) return 'No rule matches, and what no rule allows is refused.'
  return `Line ${rule.line} of ${file} decides: ${rule.then} ${rule.whoText}.`
}

/** The reading of the path, if it is not as it was written. */
function readingOf(url: string, { path, rule }: Decision): string[] {
  const isAsWritten = url.replace(/[?#].*/s, '').endsWith(path)
  return isAsWritten || !rule
    ? []
    : [`An app may read the path as ${path}, and the strictest reading counts.`]
}

function sentToApp(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return lines.length > 0 ? `The app gets ${lines.join(', ')}.` : 'The app gets no name.'
}
