import { setTimeout as sleep } from 'node:timers/promises'
import { everyEpoch } from '../endings/store-endings.ts'
import { type Owner, ownerKeyOf, ownerKeyOfName, ownerKeysOf } from '../identity/owner-key.ts'
import type { Clock } from '../primitives/clock.ts'
import { maxCounted } from './ended-count.ts'
import type { SessionLifetimes } from './lifetimes.ts'
import type { SessionKeys } from './session-keys.ts'
import { firstFields } from './session-record.ts'
import { cursorPattern, type SessionPage, type SessionStore } from './session-store.ts'
import { type SessionSummary, summarise } from './session-summary.ts'
import { recordIn, textOf } from './session-text.ts'

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

interface Ended {
  /** The key of the one that continues. */
  readonly except: string | undefined
  /** Of these epochs; undefined: all. */
  readonly below: number | undefined
}

export const pageSize = 25
const maxPageSize = 100
/** Times as long as a part took. */
const restFactor = 50

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
    return this.#deleteEnded(user, { except, below })
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
    return this.#deleteEnded(account, { except: keep === undefined ? undefined : this.keyOf(keep), below })
  }

  /** What changes of accounts have ended is over when it resolves. */
  async applyEndings(): Promise<void> {
    await this.#store.applyEndings?.()
  }

  /** What is over already is deleted in parts; nobody waits for more than a thousand. */
  async #deleteEnded(user: Owner, { except, below }: Ended): Promise<number> {
    if (except !== undefined && below !== undefined) await this.#stampAnew(user.id, except, below)
    const ended = ownerKeysOf(user).map(async (owner) => {
      const limit = owner === user.id ? below : await this.#epochOfName(owner)
      const kept = Number(except !== undefined)
      const left = (await this.#store.count(owner, maxCounted + 1 + kept)) - kept
      const deleting = this.#revokeInParts(owner, except, limit)
      if (limit === undefined) return deleting
      const deleted = deleting.catch(() => 0)
      return left > maxCounted ? left : deleted
    })
    return sumOf(await Promise.all(ended))
  }

  /** undefined: the store has no epochs of names. */
  async #epochOfName(owner: string): Promise<number | undefined> {
    return (await this.#store.epochOfName?.(owner)) || undefined
  }

  /**
   * Between two parts others have as much time as a part took. What nobody waits for, because it is over already, is deleted
   * far slower: each part writes to the disk, and that delays others too.
   */
  async #revokeInParts(owner: string, except?: string, below?: number): Promise<number> {
    for (let ended = 0, pause = 0; ; ) {
      const begun = performance.now()
      const part = await this.#store.revokeSome(owner, except, below)
      if (part.length === 0) return ended
      if (ended > 0) pause = performance.now() - begun
      ended += part.length
      if (pause > 0) await sleep(below !== undefined && ended > maxCounted ? pause * restFactor : pause)
    }
  }

  /**
   * The session that goes on is of the new epoch: then it does so under another key too. It may have passed to somebody
   * else meanwhile, whose epochs are others.
   */
  async #stampAnew(owner: string, key: string, epoch: number): Promise<void> {
    let text = (await this.#store.load(key))?.text
    while (text !== undefined) {
      const record = recordIn(text)
      if (ownerKeyOf(record) !== owner || (record.epoch ?? 0) >= epoch) return
      const stamped = { ...record, epoch }
      const to = textOf({ ...firstFields(stamped), ...stamped })
      const updated = await this.#store.update(key, { from: text, to })
      text = updated.outcome === 'conflict' ? updated.text : undefined
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

/** Of sessions that were ended. */
function sumOf(counts: readonly number[]): number {
  return Math.min(
    counts.reduce((sum, count) => sum + count),
    maxCounted + 1
  )
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
