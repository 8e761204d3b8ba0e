import { setTimeout as sleep } from 'node:timers/promises'
import { type Owner, ownerKeyOf, ownerKeysOf } from '../identity/owner-key.ts'
import type { Clock } from '../primitives/clock.ts'
import type { SessionLifetimes } from './lifetimes.ts'
import type { SessionKeys } from './session-keys.ts'
import { cursorPattern, type SessionPage, type SessionStore } from './session-store.ts'
import { type SessionSummary, summarise } from './session-summary.ts'

/** Which page of a list: the first one without a cursor. At most one of the two. */
export interface ListRequest {
  /** `next` of the page before. */
  readonly after?: string | undefined
  /** `previous` of the page after. */
  readonly before?: string | undefined
  /** How many sessions, 25 by default and 100 at most. A page may be shorter. */
  readonly limit?: number | undefined
}

/** A page of a user's sessions, the last used first. */
export interface SessionList {
  readonly sessions: readonly SessionSummary[]
  /** The `after` of the next page; undefined: this is the last one. */
  readonly next: string | undefined
  /** The `before` of the previous page; undefined: this is the first one. */
  readonly previous: string | undefined
}

export interface UserSessionsOptions {
  readonly store: SessionStore
  readonly keys: SessionKeys
  readonly lifetimes: SessionLifetimes
  readonly now: Clock
}

export const pageSize = 25
const maxPageSize = 100

/**
 * The sessions of one owner (see ownerKeyOf), of which there may be any number: nothing here reads or ends all of them in one
 * step, and others are served in between.
 */
export class UserSessions {
  readonly #store: SessionStore
  readonly #keys: SessionKeys
  readonly #lifetimes: SessionLifetimes
  readonly #now: Clock

  constructor({ store, keys, lifetimes, now }: UserSessionsOptions) {
    this.#store = store
    this.#keys = keys
    this.#lifetimes = lifetimes
    this.#now = now
  }

  /**
   * A page of a user's sessions, the last used first.
   * @throws {RangeError} when a cursor is none, or the limit is out of range
   */
  async listByUser(owner: string, request: ListRequest = {}): Promise<SessionList> {
    const { after, before, limit = pageSize } = checked(request)
    if (before === undefined) {
      const page = await this.#store.page(owner, { after, limit })
      return this.#toList(page, { next: page.next, previous: after && page.sessions[0]?.cursor })
    }
    const { sessions, next } = await this.#store.page(owner, {
      after: before,
      limit,
      order: 'longest unused'
    })
    const page = { sessions: sessions.toReversed(), next: undefined }
    return this.#toList(page, { next: sessions[0]?.cursor, previous: next && sessions.at(-1)?.cursor })
  }

  /** How many sessions a user has, counted up to `limit`. Exact unless there are more than a page. */
  async countOf(owner: string, limit: number): Promise<number> {
    const { sessions, next } = await this.#store.page(owner, { limit: pageSize })
    return next === undefined ? Math.min(sessions.length, limit) : this.#store.count(owner, limit)
  }

  /** The session of a user with this handle. */
  async findOne(owner: string, handle: string): Promise<SessionSummary | undefined> {
    const key = await this.#keyOf(owner, handle)
    const stored = key === undefined ? undefined : await this.#store.load(key)
    if (key === undefined || !stored) return undefined
    return ownerKeyOf(JSON.parse(stored.text)) === owner
      ? summarise({ key, ...stored }, this.#keys, this.#judge())
      : undefined
  }

  /** Ends one session of a user. @returns false if the user has none with this handle */
  async revokeOne(owner: string, handle: string): Promise<boolean> {
    const key = await this.#keyOf(owner, handle)
    return key !== undefined && this.#store.revokeOf(owner, key)
  }

  /**
   * Ends all sessions of a user, and those that an app made from the name alone.
   * @param keep the id of the session that continues
   * @returns how many were ended
   */
  async revokeAllOf(user: Owner, keep?: string): Promise<number> {
    const except = keep === undefined ? undefined : this.#keys.of(keep).key
    const ended = await Promise.all(ownerKeysOf(user).map((owner) => this.#revokeAll(owner, except)))
    return ended.reduce((sum, count) => sum + count)
  }

  /** In parts; between two of them others have as much time as a part took. */
  async #revokeAll(owner: string, except?: string): Promise<number> {
    for (let ended = 0, pause = 0; ; ) {
      const begun = performance.now()
      const part = await this.#store.revokeSome(owner, except)
      if (part.length === 0) return ended
      if (ended > 0) pause = performance.now() - begun
      ended += part.length
      if (pause > 0) await sleep(pause)
    }
  }

  /** A handle is the key, unless the key is the id itself: then it is looked for, page after page. */
  async #keyOf(owner: string, handle: string): Promise<string | undefined> {
    if (this.#keys.areInHandles) return this.#keys.keyIn(handle)
    for (let after: string | undefined; ; ) {
      const page: SessionPage = await this.#store.page(owner, { after, limit: maxPageSize })
      const found = page.sessions.find(({ key }) => this.#keys.handleOf(key) === handle)
      if (found || page.next === undefined) return found?.key
      after = page.next
    }
  }

  #judge() {
    return { lifetimes: this.#lifetimes, now: this.#now() }
  }

  #toList({ sessions }: SessionPage, ways: Pick<SessionList, 'next' | 'previous'>): SessionList {
    const summaries = sessions.map((session) => summarise(session, this.#keys, this.#judge()))
    return { sessions: summaries.filter(({ endsAt }) => endsAt.getTime() > this.#now()), ...ways }
  }
}

function checked(request: ListRequest) {
  const { after, before, limit = pageSize } = request
  for (const cursor of [after, before]) {
    if (cursor !== undefined && !cursorPattern.test(cursor))
      throw new RangeError(`"${cursor}" is not a cursor: take \`next\` or \`previous\` of another page`)
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > maxPageSize)
    throw new RangeError(`limit is ${limit}, it must be a whole number from 1 to ${maxPageSize}`)
  return { after, before, limit }
}
