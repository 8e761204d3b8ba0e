import { type Call, type FaultKind, type History, isDone, isLetIn, isRefused, overlaps } from './history.ts'
import { isSurelyCurrent, type Lineage, lineagesOf } from './lineages.ts'
import { passwordsBetween, possiblePasswords } from './passwords.ts'

/** What is promised, in milliseconds; undefined: not looked at. */
export interface Promises {
  /** After an ending, by the kinds of faults that overlap the time until the request. */
  readonly seenWithin: (kinds: ReadonlySet<FaultKind>) => number
  /** The same for 99 of 100 endings without a fault. */
  readonly seenAtP99: number | undefined
  /** An open connection hears of an end; without faults of a store. */
  readonly heardWithin: number | undefined
  /** An answer of a process that runs. */
  readonly answeredWithin: number | undefined
  /** The honest one that says that a store is away; undefined: any, also after the stores are back. */
  readonly unavailableWithin: number | undefined
}

export interface Violation {
  readonly what: string
  /** The calls that show it, the last one last. */
  readonly calls: readonly Call[]
}

export interface Verdict {
  readonly violations: readonly Violation[]
  /** How long after its end each session was still let in, in milliseconds, for endings without a fault; sorted. */
  readonly seenAfter: readonly number[]
}

/** Goes through all that was answered. A pure function: the same history has the same verdict. */
export function check(history: History, promises: Promises): Verdict {
  const calls = history.calls.toSorted((one, other) => one.end - other.end)
  const lineages = lineagesOf(calls)
  const context = { ...history, calls, lineages, promises }
  const seenAfter = lateness(context)
  return {
    violations: [
      ...endedLetIn(context),
      ...supersededLetIn(context),
      ...lost(context),
      ...openConnections(context),
      ...others(context),
      ...wrongPasswords(context),
      ...badAnswers(context),
      ...history.crashes.map(({ process, output }) => ({
        what: `${process} ended by itself: ${output}`,
        calls: []
      })),
      ...tooLateAtP99(seenAfter, promises)
    ],
    seenAfter
  }
}

interface Context extends History {
  readonly lineages: ReadonlyMap<string, Lineage>
  readonly promises: Promises
}

function lineageOf({ lineages }: Context, { cookie = '' }: Call): Lineage | undefined {
  return lineages.get(cookie)
}

function kindsBetween({ faults }: Context, from: number, to: number): Set<FaultKind> {
  return new Set(faults.filter((fault) => overlaps(fault, from, to)).map(({ kind }) => kind))
}

/** No ended session is let in, by a request that was begun later after its end than the promise allows. */
function* endedLetIn(context: Context): Generator<Violation> {
  for (const call of context.calls.filter(isLetIn)) {
    const lineage = lineageOf(context, call)
    const { ended } = lineage ?? {}
    if (!lineage || !ended || call.begin <= ended.end) continue
    const late = call.begin - ended.end
    const allowed = context.promises.seenWithin(kindsBetween(context, ended.begin, call.begin))
    if (late > allowed && !wasLostBefore(context, lineage, call))
      yield {
        what: `An ended session was let in ${late.toFixed(0)} ms after its end, allowed are ${allowed}.`,
        calls: [lineage.start, ended, call]
      }
  }
}

/**
 * Whoever signs out of a session that Redis has lost ends nothing, and nothing is written down. Another loss may bring it
 * back: see docs/ended.md.
 */
function wasLostBefore({ faults }: Context, { start, ended }: Lineage, { begin }: Call): boolean {
  if (ended?.what !== 'sign-out') return false
  const losses = faults.filter(({ kind }) => kind === 'RL')
  const first = losses.find((loss) => overlaps(loss, start.begin, ended.begin))
  return losses.some((loss) => loss !== first && first && overlaps(loss, ended.begin, begin))
}

/** A cookie that was replaced opens nothing, unless a Redis took on the state before it. */
function* supersededLetIn(context: Context): Generator<Violation> {
  for (const call of context.calls.filter(isLetIn)) {
    const { cookie } = call
    const replaced = lineageOf(context, call)?.mayHaveRotated.find(
      (rotation) => rotation.cookie === cookie && isDone(rotation) && rotation.given !== undefined
    )
    if (!replaced || call.begin <= replaced.end) continue
    const kinds = kindsBetween(context, replaced.begin, call.begin)
    if (kinds.has('RL') && replaced.what !== 'change-password') continue
    const late = call.begin - replaced.end
    if (late > context.promises.seenWithin(kinds))
      yield { what: `A superseded cookie was let in after ${late.toFixed(0)} ms.`, calls: [replaced, call] }
  }
}

/** A session that nobody can have ended is there, unless a Redis has lost it. */
function* lost(context: Context): Generator<Violation> {
  for (const call of context.calls) {
    const lineage = lineageOf(context, call)
    if (call.what !== 'look' || !isRefused(call) || !lineage || !isDone(lineage.start)) continue
    const { start, mayHaveEnded } = lineage
    const mayBeOver = mayHaveEnded.some(({ begin }) => begin <= call.end)
    if (mayBeOver || !isSurelyCurrent(call.cookie ?? '', lineage, call)) continue
    if (kindsBetween(context, start.begin, call.end).has('RL')) continue
    if (start.what === 'enter' && hasSteppedBack(context, call)) continue
    yield {
      what: 'A session that nobody ended is not let in.',
      calls: [start, ...lineage.mayHaveRotated, call]
    }
  }
}

/** While a store is away it says after five that it does not know. */
const unknownAfter = 5000

/** An open connection of an ended session hears of it in time, and no other one hears of an end. */
function* openConnections(context: Context): Generator<Violation> {
  for (const call of context.calls.filter(
    ({ what, status }) => what === 'hold' && (status === 200 || status === 0)
  )) {
    const lineage = lineageOf(context, call)
    const isStruck = context.faults.some(
      ({ kind, process, begin, end }) =>
        kind === 'PC' && process === call.process && begin <= call.end && end >= call.begin
    )
    if (!lineage || isStruck) continue
    const { start, ended, mayHaveEnded } = lineage
    const since = Math.max(call.begin, ended?.end ?? Number.POSITIVE_INFINITY)
    const late = call.end - since
    const kinds = kindsBetween(context, start.begin, call.end)
    kinds.delete('CK')
    kinds.delete('PC')
    const isQuiet = kinds.size === 0
    const { heardWithin = Number.POSITIVE_INFINITY } = context.promises
    if (late > heardWithin + (isQuiet ? 0 : unknownAfter))
      yield { what: `An open connection heard of the end after ${late.toFixed(0)} ms.`, calls: [start, call] }
    if (
      call.code === 'LATCHKEY_SESSION_ENDED' &&
      isQuiet &&
      !mayHaveEnded.some(({ begin }) => begin <= call.end)
    )
      yield { what: 'An open connection heard of an end that was none.', calls: [start, call] }
  }
}

/**
 * What was ended by a clock that was ahead looks later than a sign-in by name alone that comes after it: the first one at
 * each process may begin a session that is over.
 */
function hasSteppedBack({ faults }: Context, { end }: Call): boolean {
  return faults.some(({ kind, begin }) => kind === 'CK' && begin <= end)
}

/** Nobody is let in under another's name, or as another account: never, whatever the faults. */
function* others(context: Context): Generator<Violation> {
  const idOf = new Map<Lineage, Call>()
  const ownerOf = new Map<string, Call>()
  for (const call of context.calls) {
    const lineage = context.lineages.get(call.cookie ?? call.given ?? '')
    if (!isDone(call) || !lineage) continue
    if (call.name !== undefined && call.name !== lineage.person)
      yield { what: `${lineage.person} is let in as ${call.name}.`, calls: [lineage.start, call] }
    if (call.id === undefined) continue
    const earlier = idOf.get(lineage) ?? call
    const owner = ownerOf.get(call.id) ?? call
    if (earlier.id !== call.id) yield { what: 'A session passes to another account.', calls: [earlier, call] }
    if (owner.person !== call.person) yield { what: 'Two people have one account.', calls: [owner, call] }
    idOf.set(lineage, earlier)
    ownerOf.set(call.id, owner)
  }
}

const changing = new Set(['register', 'change-password', 'remove'])

/** An acknowledged password works, and no other does. */
function* wrongPasswords({ calls }: Context): Generator<Violation> {
  for (const own of Map.groupBy(calls, ({ person }) => person).values()) {
    const changes = own.filter(({ what }) => changing.has(what)).sort((one, other) => one.begin - other.begin)
    const times = possiblePasswords(changes)
    for (const call of own.filter(({ what }) => what === 'sign-in')) {
      const may = passwordsBetween(times, call.begin, call.end)
      const before = changes.filter(({ begin }) => begin <= call.end).slice(-2)
      if (isDone(call) && !may.has(call.password))
        yield { what: 'A password works that is not the account’s.', calls: [...before, call] }
      if (call.code === 'LATCHKEY_WRONG_CREDENTIALS' && may.size === 1 && may.has(call.password))
        yield { what: 'The password that was acknowledged does not work.', calls: [...before, call] }
    }
  }
}

/** They are to take long, or begin with a process that starts. */
const unhurried = new Set<Call['what']>(['hold', 'end-person'])

/** Every request has an answer in time that says what is. */
function* badAnswers(context: Context): Generator<Violation> {
  const { answeredWithin = Number.POSITIVE_INFINITY, unavailableWithin = Number.POSITIVE_INFINITY } =
    context.promises
  for (const call of context.calls.filter(({ what }) => !unhurried.has(what))) {
    const { begin, end, process, status } = call
    const faults = context.faults.filter((fault) => overlaps(fault, begin, end))
    const isStruck = faults.some((fault) => fault.kind === 'PC' && fault.process === process)
    if (isStruck) continue
    const took = end - begin
    const away = faults.some(({ kind }) => !['PC', 'CK'].includes(kind))
    const isSlow = faults.some(({ kind }) => kind === 'S')
    if (status === 0) yield { what: `No answer: ${call.failure}.`, calls: [call] }
    else if (status >= 500 && status !== 503) yield { what: `The answer is ${status}.`, calls: [call] }
    else if (status === 503 && Number.isFinite(unavailableWithin) && !away && call.code !== 'LATCHKEY_BUSY')
      yield { what: `503 (${call.code}) while both stores are in reach.`, calls: [call] }
    else if (status === 503 && !isSlow && took > unavailableWithin)
      yield { what: `503 after ${took.toFixed(0)} ms.`, calls: [call] }
    else if (took > answeredWithin) yield { what: `An answer after ${took.toFixed(0)} ms.`, calls: [call] }
  }
}

/** For each ended session the latest request that was let in after its end. */
function lateness(context: Context): number[] {
  const latest = new Map<Lineage, number>()
  for (const call of context.calls) {
    const lineage = lineageOf(context, call)
    const { ended } = lineage ?? {}
    if (!lineage || !ended || call.begin < ended.end) continue
    const isQuiet = kindsBetween(context, ended.begin, call.begin).size === 0
    if (!isQuiet) continue
    const late = isLetIn(call) ? call.begin - ended.end : 0
    latest.set(lineage, Math.max(late, latest.get(lineage) ?? 0))
  }
  return [...latest.values()].sort((one, other) => one - other)
}

/** Of fewer than a hundred nothing is said. */
function tooLateAtP99(seenAfter: readonly number[], { seenAtP99 }: Promises): Violation[] {
  const p99 = p99Of(seenAfter)
  if (seenAtP99 === undefined || p99 === undefined || seenAfter.length < 100 || p99 <= seenAtP99) return []
  return [{ what: `99 of 100 endings are seen within ${p99.toFixed(1)} ms without a fault.`, calls: [] }]
}

/** @param sorted in ascending order @returns undefined when there are none */
export function p99Of(sorted: readonly number[]): number | undefined {
  return sorted[Math.ceil(sorted.length * 0.99) - 1]
}
