import { createHash } from 'node:crypto'
import { memoize } from '../primitives/memoize.ts'

/** How sessions are found in the store: under a hash of their id, or under the id as connect-redis does it. */
export type SessionIds = 'hashed' | 'plain'

/** Under what a session is kept. */
export class SessionKeys {
  readonly #ids: SessionIds
  readonly #hashOf = memoize(10_000, (id: string) => createHash('sha256').update(id).digest('base64url'))

  constructor(ids: SessionIds) {
    this.#ids = ids
  }

  /** Ids have 192 random bits: a bare hash cannot be turned back, and no salt is needed. */
  of(id: string): string {
    return this.#ids === 'plain' ? id : this.#hashOf(id)
  }
}
