import type { Clock } from '../primitives/clock.ts'
import { KeyedMutex } from '../primitives/keyed-mutex.ts'
import { type SessionLifetimes, storeExpiry } from './lifetimes.ts'
import {
  changesLifetime,
  genOf,
  handedOver,
  isHandover,
  mergeChange,
  type RecordChange
} from './record-change.ts'
import { ownerOf, reservedOf, type SessionRecord } from './session-record.ts'
import type { OwnerChange, SessionStore } from './session-store.ts'

export interface SessionUpdatesOptions {
  readonly store: SessionStore
  readonly lifetimes: SessionLifetimes
  readonly now: Clock
}

/** Changes sessions under their keys, by compare-and-set of the whole text. */
export class SessionUpdates {
  readonly #store: SessionStore
  readonly #lifetimes: SessionLifetimes
  readonly #now: Clock
  /** Updates of one session run in order, so that only other processes can conflict. */
  readonly #inOrder = new KeyedMutex()

  constructor({ store, lifetimes, now }: SessionUpdatesOptions) {
    this.#store = store
    this.#lifetimes = lifetimes
    this.#now = now
  }

  /** See `Sessions.update`. */
  async update(key: string, change: RecordChange): Promise<SessionRecord | undefined> {
    const updated = await this.#inOrder.run(key, () => this.#merge(key, this.#withReserved(change)))
    if (updated && (changesLifetime(change) || isHandover(change))) await this.touch(key, updated)
    return updated
  }

  touch(key: string, session: SessionRecord): Promise<void> {
    return this.#store.touch(key, { expiresAt: this.storeExpiry(session), owner: ownerOf(session) })
  }

  ownerChange(from: string | undefined, after: SessionRecord): OwnerChange | undefined {
    const to = ownerOf(after)
    return from === to ? undefined : { from, to, expiresAt: this.storeExpiry(after) }
  }

  /** The store expiry of a session that is used now. */
  storeExpiry(session: SessionRecord): number {
    const now = this.#now()
    return storeExpiry({ startedAt: now, ...session }, this.#lifetimes, now)
  }

  #withReserved(change: RecordChange): RecordChange {
    const { before, after } = change
    if (!isHandover(change)) return change
    return { before, after: handedOver({ ...after, ...reservedOf(before) }, this.#now()) }
  }

  async #merge(key: string, change: RecordChange): Promise<SessionRecord | undefined> {
    const { before, after, texts } = change
    const ownerChange = this.ownerChange(ownerOf(before), after)
    const from = texts?.before ?? JSON.stringify(before)
    let textChange = { from, to: texts?.after ?? JSON.stringify(after), ownerChange }
    for (;;) {
      const updated = await this.#store.update(key, textChange)
      if (updated.outcome === 'stored' && textChange.to === texts?.after) updated.stored.record = after
      if (updated.outcome === 'stored') return after
      if (updated.outcome === 'gone') return undefined
      const theirs: SessionRecord = JSON.parse(updated.text)
      if (genOf(theirs) !== genOf(before)) return undefined
      const merged = mergeChange(change, theirs)
      const to = isHandover(change) ? handedOver(merged, after.startedAt ?? this.#now()) : merged
      textChange = { from: updated.text, to: JSON.stringify(to), ownerChange }
    }
  }
}
