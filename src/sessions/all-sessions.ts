import { ownerOf } from './session-record.ts'
import type { SessionStore } from './session-store.ts'
import { handleOf } from './session-summary.ts'

export interface RevokedSession {
  /** Whose it was; undefined for nobody's. */
  readonly owner: string | undefined
}

/** The sessions of everybody, for whoever runs the service. Both methods throw StorageError. */
export class AllSessions {
  readonly #store: SessionStore

  constructor(store: SessionStore) {
    this.#store = store
  }

  /** Goes through all of them, so it takes its time. @returns undefined when no session is called so */
  async revokeOne(handle: string): Promise<RevokedSession | undefined> {
    for await (const key of this.#store.keys()) {
      if (handleOf(key) !== handle) continue
      const session = await this.#store.load(key)
      const wasThere = await this.#store.revoke(key)
      return session && wasThere ? { owner: ownerOf(JSON.parse(session.text)) } : undefined
    }
    return undefined
  }

  /** Signs everybody out. @returns how many sessions there were */
  revokeEverything(): Promise<number> {
    return this.#store.revokeEverything()
  }
}
