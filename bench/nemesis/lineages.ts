import { type Call, isDone, isRefused } from './history.ts'

/** A session from its sign-in to its end, under all cookies that it has had. */
export interface Lineage {
  readonly person: string
  /** The sign-in. */
  readonly start: Call
  readonly cookies: string[]
  /** The first answer that says that it has ended. */
  ended?: Call
  /** Calls that may have ended it, whatever they were answered. */
  readonly mayHaveEnded: Call[]
  /** Calls that may have given it another cookie, whatever they were answered. */
  readonly mayHaveRotated: Call[]
}

const rotating = new Set(['confirm', 'regenerate', 'change-password'])
const endingAll = new Set(['end-others', 'end-all', 'end-person', 'change-password', 'remove'])
const keepingOwn = new Set(['end-others', 'change-password'])

/** @param calls in the order of their ends @returns the lineage of each cookie */
export function lineagesOf(calls: readonly Call[]): Map<string, Lineage> {
  const byCookie = new Map<string, Lineage>()
  for (const call of calls) note(call, byCookie)
  const all = [...new Set(byCookie.values())]
  const byPerson = Map.groupBy(all, ({ person }) => person)
  for (const call of calls) {
    if (rotating.has(call.what) && !isRefused(call))
      byCookie.get(call.cookie ?? '')?.mayHaveRotated.push(call)
    for (const lineage of endedBy(call, byCookie, byPerson)) {
      if (mayEnd(call, lineage.start)) lineage.mayHaveEnded.push(call)
      const isFirst = lineage.ended === undefined || call.end < lineage.ended.end
      if (isDone(call) && isBefore(lineage.start, call) && isFirst) lineage.ended = call
    }
  }
  return byCookie
}

/** What was not answered may be done at any time after. */
function mayEnd(call: Call, start: Call): boolean {
  return isDone(call) ? call.end >= start.begin : !isRefused(call)
}

/**
 * Whether the session is among those that the ending ends. Of two at the same time it is, if it was begun with what the
 * change has taken away.
 */
function isBefore(start: Call, { what, begin, end, password }: Call): boolean {
  if (start.end <= begin) return true
  if (start.begin > end) return false
  return what === 'remove' || (what === 'change-password' && start.password === password)
}

function note(call: Call, byCookie: Map<string, Lineage>): void {
  const { given, cookie, what, person } = call
  if (given === undefined || byCookie.has(given)) return
  const isNew = what === 'sign-in' || what === 'enter' || what === 'register' || cookie === undefined
  const lineage = isNew ? undefined : byCookie.get(cookie)
  if (lineage) lineage.cookies.push(given)
  byCookie.set(
    given,
    lineage ?? { person, start: call, cookies: [given], mayHaveEnded: [], mayHaveRotated: [] }
  )
}

function endedBy(
  { what, cookie = '', target = '', person }: Call,
  byCookie: ReadonlyMap<string, Lineage>,
  byPerson: ReadonlyMap<string, readonly Lineage[]>
): readonly Lineage[] {
  const own = byCookie.get(cookie)
  // A sign-in ends the session that the browser had.
  if (what === 'sign-out' || what === 'sign-in') return own ? [own] : []
  const meant = byCookie.get(target)
  if (what === 'end-one') return meant ? [meant] : []
  if (!endingAll.has(what)) return []
  return (byPerson.get(person) ?? []).filter((each) => each !== own || !keepingOwn.has(what))
}

/** Whether this cookie, and no other, opens the session during the whole call, unless the session has ended. */
export function isSurelyCurrent(
  cookie: string,
  { cookies, start, mayHaveRotated }: Lineage,
  call: Call
): boolean {
  const giver = cookies[0] === cookie ? start : mayHaveRotated.find(({ given }) => given === cookie)
  if (!giver || !isDone(giver) || giver.end > call.begin) return false
  const others = mayHaveRotated.filter((other) => other !== giver && other.begin <= call.end)
  return others.every((other) => isDone(other) && other.end <= giver.begin)
}
