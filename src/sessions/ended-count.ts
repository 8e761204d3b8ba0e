/** Sessions of one person are counted up to here; then it is said that there are more. */
export const maxCounted = 1000

/** How many sessions were ended, for programs. */
export type EndedCount = {
  /** At most 1000. */
  readonly sessionsEnded: number
  /** Present if there were more than 1000. */
  readonly more?: true
}

/** @param count as `revokeAllOf` returns it */
export function describeEnded(count: number): EndedCount {
  return count > maxCounted ? { sessionsEnded: maxCounted, more: true } : { sessionsEnded: count }
}
