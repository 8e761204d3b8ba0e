import {
  type AccountProofs,
  type Demand,
  freshProofs,
  isProved,
  type ProofKind
} from '../identity/account-proofs.ts'
import type { Clock } from '../primitives/clock.ts'
import { proofAge } from './lifetimes.ts'

interface Proved {
  readonly accountProofs?: AccountProofs | undefined
}

/** What sessions say of what their users have proved, by the clock of the sessions. */
export class SessionProofs {
  readonly #now: Clock

  constructor(now: Clock) {
    this.#now = now
  }

  /** Of a user who has just proved this. */
  justNow(kinds: readonly ProofKind[]): AccountProofs {
    const now = this.#now()
    return Object.fromEntries(kinds.map((kind) => [kind, now]))
  }

  /** Whether the session has proved what is asked: see `isProved`. */
  meet({ accountProofs }: Proved, demand: Demand): boolean {
    return isProved(accountProofs, demand, this.#now())
  }

  /** Those that are not older than this: a day by default. */
  fresh({ accountProofs }: Proved, within?: string): AccountProofs {
    return freshProofs(accountProofs, within, this.#now())
  }

  /** How long ago the last one was, in milliseconds: see `proofAge`. */
  ageOf({ accountProofs }: Proved): number {
    return proofAge(accountProofs, this.#now())
  }
}
