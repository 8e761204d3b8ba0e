import { type Call, isDone, isRefused } from './history.ts'

/** What an account's password may be, from a time on until the next one. */
export interface Possible {
  readonly from: number
  /** undefined among them: there may be no account. */
  readonly passwords: ReadonlySet<string | undefined>
}

/**
 * What the password of a person's account may be at each time, by what was answered. A change that was not answered
 * may take effect at any time after it began, until a later one is acknowledged.
 * @param changes registrations, changes and removals of one person, none of which overlaps another
 */
export function possiblePasswords(changes: readonly Call[]): Possible[] {
  const times: Possible[] = [{ from: Number.NEGATIVE_INFINITY, passwords: new Set([undefined]) }]
  for (const change of changes) {
    const before = times.at(-1)?.passwords ?? new Set()
    const after = change.what === 'remove' ? undefined : (change.newPassword ?? change.password)
    times.push({ from: change.begin, passwords: new Set([...before, after]) })
    if (isDone(change)) times.push({ from: change.end, passwords: new Set([after]) })
    if (isRefused(change)) times.push({ from: change.end, passwords: before })
  }
  return times
}

/** All that it may be at some time between these two. */
export function passwordsBetween(
  times: readonly Possible[],
  begin: number,
  end: number
): Set<string | undefined> {
  const during = times.filter(({ from }, place) => {
    const until = times[place + 1]?.from ?? Number.POSITIVE_INFINITY
    return from <= end && until >= begin
  })
  return new Set(during.flatMap(({ passwords }) => [...passwords]))
}
