import { everyEpoch } from '../endings/store-endings.ts'
import { type Owner, ownerKeyOf, ownerKeyOfName } from '../identity/owner-key.ts'
import type { Clock } from '../primitives/clock.ts'
import { maxCounted } from './ended-count.ts'
import { EndedSessions, sumOf } from './ended-sessions.ts'
import type { SessionLifetimes } from './lifetimes.ts'
import type { SessionKeys } from './session-keys.ts'
import { cursorPattern, type SessionPage, type SessionStore } from './session-store.ts'
import { type SessionSummary, summarise } from './session-summary.ts'
import { recordIn } from './session-text.ts'

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
  readonly #ended: EndedSessions

  constructor({ store, keys, lifetimes, now }: UserSessionsOptions) {
    this.#ended = new EndedSessions(store)
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
    return ownerKeyOf(recordIn(stored.text)) === owner
      ? summarise({ key, ...stored }, this.#keys, this.#judge())
      : undefined
  }

  /** Ends one session of a user. @returns false if the user has none with this handle */
  async revokeOne(owner: string, handle: string): Promise<boolean> {
    const key = await this.#keyOf(owner, handle)
    return key !== undefined && this.#store.revokeOf(owner, key)
  }

  /** The key of a session, by which a change of its account can keep it. */
  keyOf(id: string): string {
    return this.#keys.of(id).key
  }

  /**
   * Ends all sessions of a user, and those that an app made from the name alone.
   * @param keep the id of the session that continues
   * @returns how many were ended; 1001: more than a thousand
   */
  async revokeAllOf(user: Owner, keep?: string): Promise<number> {
    const except = keep === undefined ? undefined : this.keyOf(keep)
    const below = await this.#store.endAllOf?.(user.id, except)
    if (below === everyEpoch) return this.#holdAll(user, except)
    return this.#ended.delete(user, { except, below })
  }

  /** The database is away: what is over stays in the store until it expires. */
  async #holdAll({ id, name }: Owner, except?: string): Promise<number> {
    const named = ownerKeyOfName(name)
    if (named !== id) await this.#store.endAllOf?.(named, except)
    const kept = Number(except !== undefined)
    const counts = await Promise.all(
      [...new Set([id, named])].map((owner) => this.#store.count(owner, maxCounted + 1 + kept))
    )
    return Math.max(0, sumOf([...counts, -kept]))
  }

  /**
   * After a change of an account in the database: all its sessions of an epoch below this one are over, but the one to
   * keep, when it resolves.
   * @returns how many were ended; 1001: more than a thousand
   */
  async applyChange(account: Owner, below: number, keep?: string): Promise<number> {
    await this.applyEndings()
    return this.#ended.delete(account, { except: keep === undefined ? undefined : this.keyOf(keep), below })
  }

  /**
   * After an account was renamed in the database: its sessions are under the new name when it resolves, and those that
   * an app made out of the former name alone are over.
   */
  async applyRename(account: Owner, former: string): Promise<void> {
    await this.applyEndings()
    this.#ended.rename(account.id)
    const owner = ownerKeyOfName(former)
    const below = await this.#ended.epochOfName(owner)
    await this.#ended.delete({ id: owner, name: former }, { except: undefined, below })
  }

  /**
   * Resolves when nothing is left in the store of what was ended. Everybody is signed out before.
   * @param onMany called if there are more than a thousand
   */
  tidied(onMany = () => {}): Promise<void> {
    return this.#ended.tidied(onMany)
  }

  /** What changes of accounts have ended is over when it resolves. */
  async applyEndings(): Promise<void> {
    await this.#store.applyEndings?.()
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
