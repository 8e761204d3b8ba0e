import { newSessionId, renewedSessionId } from '../session-keys.ts'
import { isOwned, type SessionRecord } from '../session-record.ts'
import { type Carrier, snapshotKey } from './snapshot.ts'

/** A `regenerate()` of @fastify/session under way. */
export interface Regeneration {
  readonly newId: string
  readonly previousId: string
  /** The session as it was stored, if somebody owns it: then it continues. */
  readonly before: Readonly<SessionRecord> | undefined
  /** Its session object before. */
  readonly session: object
}

export interface Continuation extends Omit<Regeneration, 'session' | 'before'> {
  readonly before: Readonly<SessionRecord>
}

/** The result of `destroy`, while its callback runs. */
export interface Destroyed {
  readonly id: string
  /** Undefined if the store could not tell, or was not asked. */
  readonly wasThere: boolean | undefined
  readonly regeneration: Regeneration | undefined
}

const overtaken = new WeakMap<object, Readonly<SessionRecord>>()

/**
 * What it regenerated had another id by then, or was over: the new session object is not stored, nor what is regenerated of it.
 * @param before as the request knew it
 */
export function noteOvertaken(session: object, before: Readonly<SessionRecord>): void {
  overtaken.set(session, before)
}

/** Whether a session object is of a `regenerate()` that came too late: its answer may set no cookie, and clear none. */
export function isOvertaken(session: object | null | undefined): boolean {
  return session != null && overtaken.has(session)
}

/**
 * Follows `regenerate()` of @fastify/session, which asks for an id and destroys the old session, both before it returns;
 * then it sets the new one.
 */
export class Regenerations {
  #session: Carrier | undefined
  #regeneration: Regeneration | undefined

  /** From now on it follows the `regenerate()` of this session. */
  watch(session: object): void {
    if (Object.hasOwn(session, 'regenerate')) return
    const regenerate = Reflect.get(session, 'regenerate')
    const value = (...args: unknown[]) => this.follow(session, () => Reflect.apply(regenerate, session, args))
    Object.defineProperty(session, 'regenerate', { value, configurable: true, writable: true })
  }

  /** The id of a new session; of the same session, if somebody owns it. */
  newId(): string {
    const session = this.#session
    if (!session) return newSessionId()
    const previousId = String(Reflect.get(session, 'sessionId'))
    const last = session[snapshotKey]?.record() ?? overtaken.get(session)
    const before = last && isOwned(last) ? last : undefined
    const newId = before ? renewedSessionId(previousId) : newSessionId()
    this.#regeneration = { newId, previousId, before, session }
    return newId
  }

  /** The one that destroys this session now. */
  of(previousId: string): Regeneration | undefined {
    return this.#regeneration?.previousId === previousId ? this.#regeneration : undefined
  }

  /** @param step calls the `regenerate()` of the session */
  follow<T>(session: object, step: () => T): T {
    this.#session = session
    try {
      return step()
    } finally {
      this.#session = undefined
      this.#regeneration = undefined
    }
  }
}
