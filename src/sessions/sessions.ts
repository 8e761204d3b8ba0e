import { randomUUID } from 'node:crypto'
import { ownerKeyOf } from '../identity/owner-key.ts'
import { type Clock, processClock } from '../primitives/clock.ts'
import type { RoughCount } from '../redis/rough-count.ts'
import { type SessionLifetimes, type TimeLeft, timeLeft } from './lifetimes.ts'
import { type Found, type LoadedSession, LoadedSessions } from './loaded-sessions.ts'
import { type CachingStore, cacheOf } from './parsed-session.ts'
import type { RecordChange } from './record-change.ts'
import { type BegunSession, SessionBeginnings } from './session-beginnings.ts'
import { type Evicted, SessionCap } from './session-cap.ts'
import { type SessionAddress, type SessionIds, SessionKeys } from './session-keys.ts'
import { SessionProofs } from './session-proofs.ts'
import { notThere, SessionReads } from './session-reads.ts'
import { firstFields, type SessionRecord } from './session-record.ts'
import { type Regeneration, type Rotation, SessionRenewals } from './session-renewals.ts'
import type { SessionStore } from './session-store.ts'
import { type SessionSummary, summarise } from './session-summary.ts'
import { recordIn } from './session-text.ts'
import { SessionUpdates } from './session-updates.ts'
import { type SeenSession, SignedInSignals } from './signed-in-signals.ts'
import { SupersededSessions } from './superseded-sessions.ts'
import { UserSessions } from './user-sessions.ts'

export type { Found, LoadedSession } from './loaded-sessions.ts'

export interface SessionsOptions {
  /** A CachingStore answers reads at once. */
  readonly store: SessionStore | CachingStore
  readonly lifetimes: SessionLifetimes
  readonly ids: SessionIds
  /** How many sessions a user may have; any number by default and with 0. */
  readonly maxPerUser?: number | undefined
  /** Called for each session that was ended because its user had too many. */
  readonly onEvict?: ((evicted: Evicted) => Promise<void>) | undefined
  /** Must never go back: see primitives/clock.ts. */
  readonly now?: Clock
}

/**
 * The sessions of the service by session id. Only the browser and the request know ids; the store has hashes of them,
 * so a dump of it contains nothing for a cookie. Every method throws StorageError when the store cannot answer.
 */
export class Sessions extends UserSessions {
  readonly #store: SessionStore
  readonly lifetimes: SessionLifetimes
  /** Tells open connections when their sessions end. */
  readonly signals: SignedInSignals
  readonly proofs: SessionProofs
  readonly #keys: SessionKeys
  readonly #now: Clock
  readonly #updates: SessionUpdates
  readonly #cap: SessionCap
  readonly #beginnings: SessionBeginnings
  readonly #renewals: SessionRenewals
  readonly #reads: SessionReads
  readonly #superseded: SupersededSessions
  readonly #loaded: LoadedSessions
  readonly #cache: Pick<CachingStore, 'peek'> | undefined

  constructor({ store, lifetimes, ids, maxPerUser = 0, onEvict, now = processClock }: SessionsOptions) {
    const keys = new SessionKeys(ids)
    super({ store, keys, lifetimes, now })
    this.#store = store
    this.lifetimes = lifetimes
    this.#keys = keys
    this.#cap = new SessionCap({ store, keys, lifetimes, max: maxPerUser, onEvict })
    this.#now = now
    const loaded = new LoadedSessions({ lifetimes, now })
    const updates = new SessionUpdates({ store, lifetimes, now })
    this.#updates = updates
    this.#loaded = loaded
    this.#cache = cacheOf(store)
    this.#beginnings = new SessionBeginnings({ store, keys, updates, cap: this.#cap, now })
    this.#renewals = new SessionRenewals({ store, updates, now })
    this.#reads = new SessionReads({ store, updates, renewals: this.#renewals, loaded, now })
    this.#superseded = new SupersededSessions({ store, now })
    this.proofs = new SessionProofs(now)
    this.signals = new SignedInSignals({ store, look: (key) => this.#reads.see(key), now })
  }

  /**
   * Stores a new session. It starts now, unless the record says earlier.
   * @param arrivedAt when the request began, by `performance.now()`; undefined: without a request
   * @returns the stored record
   */
  async create(id: string, record: SessionRecord, arrivedAt?: number): Promise<SessionRecord> {
    return (await this.begin(id, { ...firstFields(record), ...record }, arrivedAt)).session.record
  }

  /** As `create`. @param record the cookie, then the reserved fields, then the rest */
  begin(id: string, record: SessionRecord, arrivedAt?: number): Promise<BegunSession> {
    return this.#beginnings.begin(id, record, arrivedAt)
  }

  /**
   * Finds a session and touches it if due. @returns undefined if it does not exist, was ended or has expired, or has
   * another id by now
   */
  async find(id: string): Promise<LoadedSession | undefined> {
    return (await this.lookUp(id)).session
  }

  /** As `find`, and tells whether the session lives under another id. An empty id or key leads to none, without asking. */
  async lookUp(at: string | SessionAddress): Promise<Found> {
    const address = this.#addressOf(at)
    return address.key === '' ? notThere : this.#reads.lookUp(address)
  }

  /** As `find` by a key, but without using the session: it is not touched. @returns undefined if it has ended */
  async look(key: string): Promise<SeenSession | undefined> {
    const seen = await this.#reads.see(key)
    return seen?.isOver ? undefined : seen
  }

  /** The address for `peek`. */
  addressOf(id: string): SessionAddress {
    return this.#keys.of(id)
  }

  /** As `find`, synchronously, if the session is cached and fresh; else undefined. */
  peek({ key, secret }: SessionAddress): LoadedSession | undefined {
    const known = this.#cache?.peek(key)
    if (!known || this.#now() >= (known.freshUntil ?? this.#loaded.freshUntil(known))) return undefined
    return known.record.secret === secret ? known : undefined
  }

  /** As `find`, but returns a copy that may be changed. */
  async load(id: string): Promise<SessionRecord | undefined> {
    const loaded = await this.find(id)
    return loaded && recordIn(loaded.text)
  }

  /**
   * Stores the change that a request made to a session, and only that: changes by other requests in the
   * meantime, in this process or another, are kept. If two change the same key, the later one wins. The reserved
   * fields stay as they are, unless the session passes to another user: see `handedOver`.
   * @returns the session as the request left it, with its reserved fields; undefined if it is gone or of a later
   * generation: then nothing is written
   */
  async update(at: string | SessionAddress, change: RecordChange): Promise<SessionRecord | undefined> {
    const address = this.#addressOf(at)
    const updated = await this.#updates.update(address, change)
    const owner = updated && ownerKeyOf(updated)
    if (owner !== undefined && owner !== ownerKeyOf(change.before))
      await this.#cap.enforce(owner, address.key)
    return updated
  }

  /**
   * After a proof, gives a session another id; its content stays. The former id opens it no more (ASVS 7.2.4).
   * @param newId from `renewedSessionId`
   * @returns undefined if the session is gone, or has another id or owner by now
   */
  rotate(
    id: string,
    newId: string,
    rotation: Omit<Rotation, 'from' | 'to'>
  ): Promise<LoadedSession | undefined> {
    return this.#renewals.rotate({ from: this.#keys.of(id), to: this.#keys.of(newId), ...rotation })
  }

  /**
   * Gives a session another id and empties it: its owner, start and proofs stay.
   * @param newId from `renewedSessionId`
   * @returns undefined if the session is gone, or has another id by now
   */
  regenerate(
    id: string,
    newId: string,
    regeneration: Omit<Regeneration, 'from' | 'to'>
  ): Promise<LoadedSession | undefined> {
    return this.#renewals.regenerate({ from: this.#keys.of(id), to: this.#keys.of(newId), ...regeneration })
  }

  /** Ends a session for good, under each id that it has had. @returns false if it was gone already */
  revoke(id: string): Promise<boolean> {
    return this.#renewals.revoke(this.#keys.of(id).key)
  }

  /**
   * Ends a session, because its browser signs in to another one. If there is none, as when it was over, that is noted all
   * the same: for a minute `lookUp` says that the id is superseded.
   */
  async supersede(at: string | SessionAddress): Promise<void> {
    const address = this.#addressOf(at)
    if (address.key !== '') await this.#superseded.supersede(address)
  }

  /** The summary of one session. @returns undefined if it does not exist, was ended or has expired */
  async summaryOf(id: string): Promise<SessionSummary | undefined> {
    const found = await this.find(id)
    const { lifetimes } = this
    const { key } = this.#keys.of(id)
    return found && summarise({ ...found, key }, this.#keys, { lifetimes, now: this.#now() })
  }

  /** The session's name in lists and logs. It cannot be turned into a cookie. */
  handleOf(at: string | SessionAddress): string {
    return this.#keys.handleOf(this.#addressOf(at).key)
  }

  /** How long a session lives that was just used: see lifetimes.ts. */
  timeLeft(session: Readonly<Partial<SessionRecord>>): TimeLeft {
    return timeLeft(session, this.lifetimes, this.#now())
  }

  /** How many sessions everybody has, roughly, at little cost; undefined: it is not known. */
  async total(): Promise<RoughCount | undefined> {
    return this.#store.total?.()
  }

  /** Checks that the store answers. */
  async ping(): Promise<void> {
    await this.#store.load('reachable')
  }

  /**
   * Checks that the store takes writes, which a full store does not although it answers: stores an anonymous
   * session and ends it. If this process ends in between, that session expires after a second.
   */
  async checkWritable(): Promise<void> {
    const { key } = this.#keys.of(randomUUID())
    await this.#store.create(key, { text: '{}', expiresAt: this.#now() + 1000 })
    await this.#store.revoke(key)
  }

  close(): Promise<void> {
    this.signals.close()
    return this.#store.close()
  }

  #addressOf(at: string | SessionAddress): SessionAddress {
    if (typeof at !== 'string') return at
    return at === '' ? { key: '', secret: undefined } : this.#keys.of(at)
  }
}
