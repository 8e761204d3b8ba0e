import type { Clock } from '../primitives/clock.ts'
import type { Found, LoadedSession, LoadedSessions } from './loaded-sessions.ts'
import { type CachingStore, cacheOf, type ParsedSession, parsed } from './parsed-session.ts'
import type { SessionAddress } from './session-keys.ts'
import { isOpenedBy, isStarted, type SessionRecord } from './session-record.ts'
import type { SessionRenewals } from './session-renewals.ts'
import type { OwnerChange, SessionStore } from './session-store.ts'
import { textOf } from './session-text.ts'
import type { SessionUpdates } from './session-updates.ts'
import type { SeenSession } from './signed-in-signals.ts'

export interface SessionReadsOptions {
  readonly store: SessionStore
  readonly updates: SessionUpdates
  readonly renewals: SessionRenewals
  readonly loaded: LoadedSessions
  readonly now: Clock
}

export const notThere: Found = { session: undefined, isSuperseded: false }

/** Finds sessions, and touches them if due. */
export class SessionReads {
  readonly #store: SessionStore
  readonly #cache: Pick<CachingStore, 'peek'> | undefined
  readonly #updates: SessionUpdates
  readonly #renewals: SessionRenewals
  readonly #loaded: LoadedSessions
  readonly #now: Clock

  constructor({ store, updates, renewals, loaded, now }: SessionReadsOptions) {
    this.#store = store
    this.#cache = cacheOf(store)
    this.#updates = updates
    this.#renewals = renewals
    this.#loaded = loaded
    this.#now = now
  }

  /** As `Sessions.look`, but also finds a session that is over. */
  async see(key: string): Promise<SeenSession | undefined> {
    const loaded = this.#cache?.peek(key) ?? (await this.#load(key))
    if (!loaded) return undefined
    const { record } = loaded
    if (record.movedTo !== undefined) return this.see(record.movedTo)
    return { key, record, endsAt: this.#loaded.endOf(loaded), isOver: this.#loaded.isOver(loaded) }
  }

  /** See `Sessions.lookUp`. */
  async lookUp(address: SessionAddress): Promise<Found> {
    const { key, secret } = address
    const known = this.#cache?.peek(key)
    // The other process that renewed the secret may be ahead of this one's cache.
    const isKnown = known && isOpenedBy(known.record, secret)
    const loaded = isKnown ? known : await this.#load(key)
    if (!loaded) return notThere
    if (!isOpenedBy(loaded.record, secret)) return this.#superseded(loaded)
    const session = await this.#use(address, loaded)
    if (session || loaded.record.formerSecret === undefined) return { session, isSuperseded: false }
    // Of two ids after two regenerates the other one may have been used meanwhile.
    return this.#superseded(await this.#load(key))
  }

  /** @param loaded what does not open by the id, if it is there */
  #superseded(loaded: ParsedSession | undefined): Found {
    return { session: undefined, isSuperseded: loaded !== undefined && !this.#loaded.isOver(loaded) }
  }

  async #load(key: string): Promise<ParsedSession | undefined> {
    const stored = await this.#store.load(key)
    return stored && parsed(stored)
  }

  async #use(address: SessionAddress, loaded: ParsedSession): Promise<LoadedSession | undefined> {
    if (this.#now() < this.#loaded.freshUntil(loaded)) return loaded
    const { key } = address
    if (this.#loaded.isOver(loaded)) {
      // A store that takes no writes can still tell that it is over.
      const { text, formerText = text, expiresAt } = loaded
      await this.#store.expire(key, { text: formerText, expiresAt }).catch(no)
      return undefined
    }
    if (loaded.formerText !== undefined) return this.#rename(address, loaded)
    if (!isStarted(loaded.record)) return this.#adopt(key, loaded)
    const believed = this.#loaded.withoutFuture(loaded.record)
    if (believed) return this.#rewrite(key, loaded, believed)
    if (loaded.record.formerSecret !== undefined) return this.#renewals.settle(address, loaded)
    // A store that takes no writes can still tell who is signed in; the next use touches the session.
    const isTouched = await this.#updates.touch(key, loaded.record).then(yes, no)
    const { text, expiresAt, record } = loaded
    return { text, expiresAt, record, isTouched }
  }

  /**
   * Adopts a session of another program, such as an app with express-session: it gets a start time, an entry
   * in its user's list, and a cookie that scripts cannot read.
   */
  #adopt(key: string, loaded: ParsedSession): Promise<LoadedSession | undefined> {
    const cookie = { ...loaded.record.cookie, httpOnly: true }
    const record = { ...loaded.record, cookie, startedAt: this.#now() }
    return this.#rewrite(key, loaded, record, this.#updates.ownerChange(undefined, record))
  }

  /** The account was renamed since the session was stored. */
  async #rename(address: SessionAddress, loaded: ParsedSession): Promise<LoadedSession | undefined> {
    const renamed = await this.#rewrite(address.key, loaded, loaded.record)
    if (renamed?.record.formerSecret === undefined) return renamed
    return this.#renewals.settle(address, renamed)
  }

  /** Stores the record as Latchkey itself changes it, unless somebody else has changed it since. */
  async #rewrite(key: string, loaded: ParsedSession, record: SessionRecord, ownerChange?: OwnerChange) {
    const { text: known, formerText: from = known } = loaded
    const text = textOf(record)
    try {
      const { outcome } = await this.#store.update(key, { from, to: text, ownerChange })
      if (outcome !== 'stored') return outcome === 'gone' ? undefined : loaded
      await this.#updates.touch(key, record)
      return { text, expiresAt: loaded.expiresAt, record }
    } catch {
      // As with a touch: a store that takes no writes can still tell who is signed in.
      return loaded
    }
  }
}

const [yes, no] = [() => true, () => false]
