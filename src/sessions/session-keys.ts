import { createHash } from 'node:crypto'
import { memoize } from '../primitives/memoize.ts'

/** The key of a session in the store: a hash of its id, or the id itself, as connect-redis has it. */
export type SessionIds = 'hashed' | 'plain'

/** Makes the keys of sessions. */
export class SessionKeys {
  readonly #ids: SessionIds
  readonly #hashOf = memoize(10_000, (id: string) => createHash('sha256').update(id).digest('base64url'))

  constructor(ids: SessionIds) {
    this.#ids = ids
  }

  /** Ids have 192 random bits: a plain hash cannot be reversed, and needs no salt. */
  of(id: string): string {
    return this.#ids === 'plain' ? id : this.#hashOf(id)
  }
}
