import { lastSeen, type SessionLifetimes } from './lifetimes.ts'
import type { SessionKeys } from './session-keys.ts'
import { accountOf, nameOf, withLabel } from './session-record.ts'
import type { ListedSession, SessionStore } from './session-store.ts'
import { recordIn } from './session-text.ts'

/** A session that was ended because its user had too many. */
export interface Evicted {
  /** The name in the session. */
  readonly user: string | undefined
  /** The id of the account; undefined if there is none. */
  readonly account: string | undefined
  /** Its handle. */
  readonly session: string
}

export interface SessionCapOptions {
  readonly store: SessionStore
  readonly keys: SessionKeys
  readonly lifetimes: SessionLifetimes
  /** How many sessions a user may have; 0: any number. */
  readonly max: number
  /** Called for each session that was ended. */
  readonly onEvict?: ((evicted: Evicted) => Promise<void>) | undefined
}

/** A user who has far more than allowed, because the setting was lowered, loses so many at each sign-in. */
const maxEvictedAtOnce = 100

/** Somebody who only collects sessions does not use them: these go first. */
const firstUseWithinMilliseconds = 60_000

/**
 * Limits how many sessions a user has. Whoever knows the password could push out the owner's sessions by
 * signing in again and again, so the first to go is one that was not used after its first minute, then one
 * that is not remembered, then the one that was not used for longest.
 *
 * With several sign-ins at once the user has at most as many sessions more than allowed as are under way. Each
 * of them then ends what it would have ended if they had come one after the other, in the order of the list.
 */
export class SessionCap {
  readonly #store: SessionStore
  readonly #keys: SessionKeys
  readonly #lifetimes: SessionLifetimes
  readonly #max: number
  readonly #onEvict: (evicted: Evicted) => Promise<void>

  constructor({ store, keys, lifetimes, max, onEvict = async () => {} }: SessionCapOptions) {
    this.#store = store
    this.#keys = keys
    this.#lifetimes = lifetimes
    this.#max = max
    this.#onEvict = onEvict
  }

  /**
   * Asked while a session begins, in the same round trip: whether there may be too many with it. False as well if
   * the store does not answer.
   */
  async mayBeFull(owner: string): Promise<boolean> {
    if (this.#max === 0) return false
    // A store that had to wait may have counted before the new session was there.
    return this.#store.count(owner, this.#max).then((count) => count === this.#max, no)
  }

  /**
   * After a sign-in, ends the sessions that are too many. What a store does not answer is left to the next
   * sign-in.
   * @param key of the session that has just begun: it stays
   * @returns how many were ended
   */
  async enforce(owner: string, key: string): Promise<number> {
    if (this.#max === 0) return 0
    const surplus = await this.#surplusOf(owner, key).catch(() => [])
    const ended = await Promise.all(
      surplus.map(async (session) => {
        const isEnded = await this.#store.revokeOf(owner, session.key).catch(() => false)
        return isEnded ? [{ ...whoseIs(session), session: this.#keys.handleOf(session.key) }] : []
      })
    )
    const evicted = ended.flat()
    for (const each of evicted) await this.#onEvict(each)
    return evicted.length
  }

  async #surplusOf(owner: string, key: string): Promise<readonly ListedSession[]> {
    if ((await this.#store.count(owner, this.#max + 1)) <= this.#max) return []
    const limit = this.#max + maxEvictedAtOnce
    const { sessions, next } = await this.#store.page(owner, { limit, order: 'longest unused' })
    const isThere = next !== undefined || sessions.some((session) => session.key === key)
    // If another sign-in has ended it, that one came later and has judged them all.
    return isThere ? this.#surplus(sessions, key) : []
  }

  /** @param sessions those not used for longest come first */
  #surplus(sessions: readonly ListedSession[], key: string): readonly ListedSession[] {
    const own = sessions.findIndex((session) => session.key === key)
    const ranked = sessions.map((session) => ({ session, rank: this.#rank(session) }))
    // One that began after this one is for its own sign-in to judge: two must not end each other.
    const earlier = ranked.filter(({ rank }, place) => place !== own && (own < 0 || place < own || rank > 0))
    const surplus = Math.max(0, earlier.length + Number(own >= 0) - this.#max)
    const first = earlier.toSorted((one, other) => one.rank - other.rank).slice(0, surplus)
    return first.map(({ session }) => session)
  }

  /** The lowest goes first. */
  #rank({ text, expiresAt }: ListedSession): number {
    const record = recordIn(text)
    const session = { startedAt: expiresAt, ...record }
    const isUnused =
      lastSeen(session, this.#lifetimes, expiresAt) - session.startedAt < firstUseWithinMilliseconds
    if (isUnused) return 0
    return session.remember === true ? 2 : 1
  }
}

const no = () => false

function whoseIs({ text, label }: ListedSession) {
  const record = withLabel(recordIn(text), label)
  return { user: nameOf(record), account: accountOf(record) }
}
