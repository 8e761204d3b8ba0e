import type { SessionKeys } from './session-keys.ts'
import { accountOf, nameOf, withLabel } from './session-record.ts'
import type { SessionStore } from './session-store.ts'
import { recordIn } from './session-text.ts'

export interface RevokedSession {
  /** The user name; undefined if nobody was signed in. */
  readonly name: string | undefined
  /** The id of the account; undefined if there was none. */
  readonly account: string | undefined
}

/** All users' sessions, for operators. Both methods throw StorageError. */
export class AllSessions {
  readonly #store: SessionStore
  readonly #keys: SessionKeys

  constructor(store: SessionStore, keys: SessionKeys) {
    this.#store = store
    this.#keys = keys
  }

  /** @returns undefined when no session has this handle */
  async revokeOne(handle: string): Promise<RevokedSession | undefined> {
    const key = await this.#keyOf(handle)
    const session = key === undefined ? undefined : await this.#store.load(key)
    if (key === undefined || !session || (await this.#store.revoke(key)) === undefined) return undefined
    const record = withLabel(recordIn(session.text), session.label)
    return { name: nameOf(record), account: accountOf(record) }
  }

  /** Ends all sessions of everybody. @returns how many there were */
  revokeEverything(): Promise<number> {
    return this.#store.revokeEverything()
  }

  /** With plain ids it looks at the keys of all sessions, so it takes time. */
  async #keyOf(handle: string): Promise<string | undefined> {
    if (this.#keys.areInHandles) return this.#keys.keyIn(handle)
    for await (const key of this.#store.keys()) {
      if (this.#keys.handleOf(key) === handle) return key
    }
    return undefined
  }
}
