import { ownerOf } from './session-record.ts'
import type { SessionStore } from './session-store.ts'
import { handleOf } from './session-summary.ts'

export interface RevokedSession {
  /** The user name; undefined if nobody was signed in. */
  readonly owner: string | undefined
}

/** All users' sessions, for operators. Both methods throw StorageError. */
export class AllSessions {
  readonly #store: SessionStore

  constructor(store: SessionStore) {
    this.#store = store
  }

  /** Scans all sessions, so it takes time. @returns undefined when no session has this handle */
  async revokeOne(handle: string): Promise<RevokedSession | undefined> {
    for await (const key of this.#store.keys()) {
      if (handleOf(key) !== handle) continue
      const session = await this.#store.load(key)
      const wasThere = await this.#store.revoke(key)
      return session && wasThere ? { owner: ownerOf(JSON.parse(session.text)) } : undefined
    }
    return undefined
  }

  /** Ends all sessions of everybody. @returns how many there were */
  revokeEverything(): Promise<number> {
    return this.#store.revokeEverything()
  }
}
