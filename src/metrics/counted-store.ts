import { ownerKeyOf } from '../identity/owner-key.ts'
import type { NewSession, SessionStore, TextChange, Updated } from '../sessions/session-store.ts'
import { recordIn } from '../sessions/session-text.ts'
import { StoreAround } from '../sessions/store-around.ts'
import type { Metrics } from './metrics.ts'

/** Times a store's methods, and counts users' sessions that start and end; those of nobody are not counted. */
export class CountedStore extends StoreAround {
  readonly #metrics: Metrics

  constructor(store: SessionStore, metrics: Metrics) {
    super(metrics.ofStore('sessions', store))
    this.#metrics = metrics
  }

  override async create(key: string, session: NewSession): Promise<boolean> {
    const isNew = await this.store.create(key, session)
    if (isNew && session.owner !== undefined) this.#metrics.sessionStarted()
    return isNew
  }

  override async update(key: string, change: TextChange): Promise<Updated> {
    const updated = await this.store.update(key, change)
    const hasEnded = updated.outcome === 'stored' && change.ownerChange?.from !== undefined
    if (hasEnded && recordIn(change.to).movedTo === '') this.#metrics.sessionsEnded('one', 1)
    return updated
  }

  override async revoke(key: string): Promise<string | undefined> {
    const text = await this.store.revoke(key)
    if (text !== undefined && ownerKeyOf(recordIn(text)) !== undefined) this.#metrics.sessionsEnded('one', 1)
    return text
  }

  override async revokeOf(owner: string, key: string): Promise<boolean> {
    const wasThere = await this.store.revokeOf(owner, key)
    if (wasThere) this.#metrics.sessionsEnded('one', 1)
    return wasThere
  }

  override async revokeSome(owner: string, except?: string, below?: number): Promise<readonly string[]> {
    const ended = await this.store.revokeSome(owner, except, below)
    this.#metrics.sessionsEnded(except === undefined ? 'all' : 'others', ended.length)
    return ended
  }

  override async revokeEverything(): Promise<number> {
    const ended = await this.store.revokeEverything()
    this.#metrics.sessionsEnded('everybody', ended)
    return ended
  }
}
