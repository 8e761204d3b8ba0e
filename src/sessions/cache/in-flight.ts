import type { ParsedSession } from '../parsed-session.ts'

/**
 * Placeholder for a read or write in flight; the result is cached only if it is still there. Any other change
 * of the session, or its beginning, removes it.
 */
export class InFlight {
  readonly text = ''
  /** What was cached before, used until there is an answer. */
  readonly previous: ParsedSession | undefined

  constructor(known?: ParsedSession) {
    this.previous = known
  }
}
