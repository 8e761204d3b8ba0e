import type {
  NewSession,
  PageRequest,
  SessionPage,
  SessionStore,
  StoredSession,
  TextChange,
  Touch,
  Updated
} from './session-store.ts'

/** A store around another one: what a subclass does not do itself the other one does. */
export abstract class StoreAround implements SessionStore {
  protected readonly store: SessionStore

  constructor(store: SessionStore) {
    this.store = store
  }

  get era(): number {
    return this.store.era ?? 0
  }

  create(key: string, session: NewSession): Promise<boolean> {
    return this.store.create(key, session)
  }

  load(key: string): Promise<StoredSession | undefined> {
    return this.store.load(key)
  }

  update(key: string, change: TextChange): Promise<Updated> {
    return this.store.update(key, change)
  }

  touch(key: string, touch: Touch): Promise<void> {
    return this.store.touch(key, touch)
  }

  expire(key: string, found: StoredSession): Promise<void> {
    return this.store.expire(key, found)
  }

  revoke(key: string): Promise<string | undefined> {
    return this.store.revoke(key)
  }

  revokeOf(owner: string, key: string): Promise<boolean> {
    return this.store.revokeOf(owner, key)
  }

  page(owner: string, request: PageRequest): Promise<SessionPage> {
    return this.store.page(owner, request)
  }

  count(owner: string, limit: number): Promise<number> {
    return this.store.count(owner, limit)
  }

  async endAllOf(owner: string, except?: string): Promise<number | undefined> {
    return this.store.endAllOf?.(owner, except)
  }

  async applyEndings(): Promise<void> {
    await this.store.applyEndings?.()
  }

  async epochOfName(owner: string, arrivedAt?: number): Promise<number> {
    return (await this.store.epochOfName?.(owner, arrivedAt)) ?? 0
  }

  revokeSome(owner: string, except?: string, below?: number): Promise<readonly string[]> {
    return this.store.revokeSome(owner, except, below)
  }

  keys(): AsyncIterable<string> {
    return this.store.keys()
  }

  revokeEverything(): Promise<number> {
    return this.store.revokeEverything()
  }

  /** Undefined if the other store has none. */
  get durability(): SessionStore['durability'] {
    return this.store.durability?.bind(this.store)
  }

  close(): Promise<void> {
    return this.store.close()
  }
}
