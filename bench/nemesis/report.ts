import { p99Of, type Violation } from './checker.ts'
import type { Call, Fault, History } from './history.ts'
import type { Outcome, RunOptions } from './run.ts'

/** How long before and after a violation its surroundings are shown, in milliseconds. */
const around = 1500
const maxCalls = 40

/** How often each operation and each fault happened. */
export function countsOf({ calls, faults }: Pick<History, 'calls' | 'faults'>): Record<string, number> {
  const done = calls.map(({ what, status }) => `${what} ${status}`)
  return Object.fromEntries(
    [...Map.groupBy([...done, ...faults.map(({ name }) => name)], (each) => each)]
      .map(([each, all]) => [each, all.length] as const)
      .sort(([one], [other]) => one.localeCompare(other, 'en'))
  )
}

/** What happened, and each violation with what was around it. */
export function report(outcome: Outcome, options: RunOptions, maxShown: number): string {
  const { violations, seenAfter, history } = outcome
  const lines = Object.entries(countsOf(history)).map(
    ([what, count]) => `${String(count).padStart(7)}  ${what}`
  )
  const p99 = p99Of(seenAfter)
  if (p99 !== undefined)
    lines.push(`${seenAfter.length} endings without a fault: 99 of 100 seen within ${p99.toFixed(1)} ms`)
  lines.push(...kindsOf(violations))
  for (const violation of violations.slice(0, maxShown))
    lines.push('', ...tell(violation, history.calls, history.faults))
  lines.push('', `${violations.length} violations. Seed ${options.seed}: ${replay(options)}`)
  return lines.join('\n')
}

function kindsOf(violations: readonly Violation[]): string[] {
  const kinds = Map.groupBy(violations, ({ what }) => what.replaceAll(/\d+(\.\d+)?/g, 'N').slice(0, 100))
  return [...kinds].map(([kind, all]) => `${String(all.length).padStart(7)}  VIOLATION ${kind}`)
}

function tell({ what, calls }: Violation, all: readonly Call[], faults: readonly Fault[]): string[] {
  const last = calls.at(-1)
  if (!last) return [what]
  const from = Math.min(...calls.map(({ begin }) => begin)) - around
  const cookies = new Set(calls.flatMap(({ cookie, given, target }) => [cookie, given, target]))
  const beside = all.filter((call) => {
    const isNear = call.begin <= last.end + around && call.end >= last.begin - around
    const isRelated = [call.cookie, call.given, call.target].some(
      (each) => each !== undefined && cookies.has(each)
    )
    return isNear && isRelated
  })
  const told = [...new Set([...calls, ...beside.slice(-maxCalls)])].sort(
    (one, other) => one.begin - other.begin
  )
  const struck = faults.filter(({ begin, end }) => begin <= last.end && end >= from)
  return [
    what,
    ...struck.map(({ name, process = '', begin, end }) => `  ${span(begin, end)} FAULT ${name} ${process}`),
    ...told.map((call) => `${calls.includes(call) ? '> ' : '  '}${inWords(call)}`)
  ]
}

function inWords({ begin, end, process, person, what, status, code, failure, ...rest }: Call): string {
  const { cookie, given, target, id } = rest
  const short = (text: string | undefined) => text?.slice(4, 12) + (text ? `~${text.slice(28, 33)}` : '')
  const details = [
    cookie && `with ${short(cookie)}`,
    target && `of ${short(target)}`,
    given && `gives ${short(given)}`,
    id && `id ${id.slice(0, 6)}`,
    code ?? failure
  ]
  return `${span(begin, end)} ${process} ${person} ${what}: ${status} ${details.filter(Boolean).join(', ')}`
}

function span(begin: number, end: number): string {
  return `${begin.toFixed(1)}-${end.toFixed(1)}`
}

function replay({ store, seed, milliseconds, processes, people, plant, only }: RunOptions): string {
  const words = [
    'node bench/nemesis.ts',
    '--store',
    store,
    '--seed',
    seed,
    '--minutes',
    milliseconds / 60_000
  ]
  words.push('--processes', processes, '--people', people)
  if (plant !== undefined) words.push('--plant', plant)
  for (const name of only ?? []) words.push('--only', JSON.stringify(name))
  return words.join(' ')
}
