import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { SessionIds } from '../config.ts'

/** Under what a session is kept. */
export class SessionKeys {
  readonly #ids: SessionIds
  readonly #known = new LRUCache<string, string>({ max: 10_000 })

  constructor(ids: SessionIds) {
    this.#ids = ids
  }

  /** Ids have 192 random bits: a bare hash cannot be turned back, and no salt is needed. */
  of(id: string): string {
    if (this.#ids === 'plain') return id
    // Not `get`: keeping count of who was used last costs more than a hash now and then.
    const known = this.#known.peek(id)
    if (known !== undefined) return known
    const key = createHash('sha256').update(id).digest('base64url')
    this.#known.set(id, key)
    return key
  }
}
