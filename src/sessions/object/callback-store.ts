import { randomBytes } from 'node:crypto'
import { KeyedMutex } from '../../primitives/keyed-mutex.ts'
import { isSameCookie } from '../cookie/session-cookie.ts'
import { nameOf, type ReservedFields, reservedOf, type SessionRecord, shownOf } from '../session-record.ts'
import type { LoadedSession, Sessions } from '../sessions.ts'
import { type Callback, settle } from './callbacks.ts'
import { copyOf, serialize } from './serialize.ts'
import {
  attachSnapshot,
  type Carrier,
  contentOf,
  isPersisted,
  Snapshot,
  snapshotKey,
  toRecord
} from './snapshot.ts'
import { show, stamp, stampOf } from './stamps.ts'

/** The state of `regenerate()` in a library. */
interface Regeneration {
  readonly newId: string
  /** Undefined if the previous session was never stored. */
  readonly previousId: string | undefined
  /** Whose the previous session is, and its reserved fields: they travel along. */
  readonly owner: string | undefined
  readonly reserved: ReservedFields
}

/** The result of `destroy`, while its callback runs. */
interface Destroyed {
  readonly id: string
  /** Undefined if the store could not tell. */
  readonly wasThere: boolean | undefined
  readonly regeneration: Regeneration | undefined
}

export interface CallbackStoreOptions {
  readonly sessions: Sessions | Promise<Sessions>
  /** The cookie of a loaded session. By default only its originalMaxAge. */
  readonly cookieOf?: (loaded: LoadedSession) => SessionRecord['cookie']
  /** The stored form of a cookie. By default the whole cookie. */
  readonly storedCookie?: (cookie: SessionRecord['cookie']) => SessionRecord['cookie']
}

/**
 * The callback API of stores for @fastify/session and express-session, over Sessions. Its `set`
 * distinguishes: a session that was loaded is updated and never recreated; one that began in a request is
 * stored as a new session; any other is not stored.
 */
export class CallbackStore {
  readonly #sessions: CallbackStoreOptions['sessions']
  readonly #cookieOf: (loaded: LoadedSession) => SessionRecord['cookie']
  readonly #storedCookie: (cookie: SessionRecord['cookie']) => SessionRecord['cookie']
  /** New session objects and their ids. */
  readonly #begun = new WeakMap<object, string>()
  /** In order for each session: what the second save does depends on the first. */
  readonly #saves = new KeyedMutex()
  #regeneration: Regeneration | undefined
  #destroyed: Destroyed | undefined
  #loaded: LoadedSession | null | undefined
  /** What a callback of `get` receives, while it runs. */
  #delivered: { readonly id: string; readonly snapshot: Snapshot | undefined } | undefined

  constructor({ sessions, cookieOf = ageOnly, storedCookie = (cookie) => cookie }: CallbackStoreOptions) {
    this.#sessions = sessions
    this.#cookieOf = cookieOf
    this.#storedCookie = storedCookie
  }

  /**
   * Makes the id of a possible new session: 192 random bits (ASVS 7.2.3).
   * @param previous the session that it may replace
   */
  newId(previous?: object | null): string {
    const newId = randomBytes(24).toString('base64url')
    const last = previous ? (previous as Carrier)[snapshotKey]?.record() : undefined
    const previousId = previous && last ? Reflect.get(previous, 'sessionId') : undefined
    this.#regeneration = {
      newId,
      previousId,
      owner: last && nameOf(last),
      reserved: last ? reservedOf(last) : {}
    }
    return newId
  }

  /** Marks a session object as new: saving it stores it under this id. */
  begin(session: object, id: string): void {
    this.#begun.set(session, id)
  }

  /** Whether the session was just ended for good: true while the callback of `destroy` runs. */
  isDestroyed(id: string): boolean {
    return this.#destroyed?.id === id && this.#destroyed.wasThere !== undefined
  }

  /**
   * While `step` runs, the first `get` returns the session that the request has loaded already; null: there
   * is none.
   */
  withLoaded(loaded: LoadedSession | null | undefined, step: () => void): void {
    this.#loaded = loaded
    try {
      step()
    } finally {
      // Otherwise the next caller would get this session.
      this.#loaded = undefined
    }
  }

  get(id: string, done: Callback<SessionRecord | null>): void {
    const loaded = this.#loaded
    // The callback may ask for another session.
    this.#loaded = undefined
    const deliver: Callback<SessionRecord | null> = (error, record) => {
      this.#delivered = record ? { id, snapshot: (record as Carrier)[snapshotKey] } : undefined
      try {
        done(error, record)
      } finally {
        this.#delivered = undefined
      }
    }
    if (loaded === undefined) settle(this.#load(id), deliver)
    else deliver(null, loaded && this.#toSession(loaded))
  }

  /** The snapshot of the session with this id, while a callback of `get` receives it. */
  delivered(id: string): Snapshot | undefined {
    return this.#delivered?.id === id ? this.#delivered.snapshot : undefined
  }

  /** Writes nothing if nothing changed. */
  set(id: string, session: Carrier, done: Callback): void {
    if (this.#isRegenerated(id, session)) {
      const { owner, reserved = {} } = this.#destroyed?.regeneration ?? {}
      if (owner !== undefined && owner === nameOf(session)) stamp(session, reserved)
      this.begin(session, id)
    }
    settle(this.save(id, session), done)
  }

  /** As `set`. */
  save(id: string, session: Carrier): Promise<void> {
    return this.#saves.run(id, () => this.#save(id, session))
  }

  /**
   * A session in use was touched already, so this writes only if the application changed the cookie's
   * lifetime or attributes.
   */
  touch(id: string, session: Carrier & Pick<SessionRecord, 'cookie'>, done: Callback): void {
    const before = session[snapshotKey]?.record()
    if (!before || isSameCookie(before.cookie, session.cookie)) done(null)
    else settle(this.#touchNow(id, session, before), done)
  }

  destroy(id: string, done: Callback): void {
    const regeneration = this.#regeneration
    this.revoke(id, (error, wasThere) => {
      this.#destroyed = { id, wasThere, regeneration }
      try {
        done(error)
      } finally {
        this.#destroyed = undefined
      }
    })
  }

  /** Ends a session. The callback gets whether it existed. */
  revoke(id: string, done: Callback<boolean>): void {
    settle(this.#revoke(id), done)
  }

  /**
   * `session.regenerate()` asks for a new id, destroys the old session, then sets the new one. If somebody
   * signed out meanwhile, `regenerate(['user'])` must not sign them in again.
   */
  #isRegenerated(id: string, session: Carrier): boolean {
    const { id: oldId, wasThere, regeneration } = this.#destroyed ?? {}
    if (id !== regeneration?.newId || isPersisted(session)) return false
    return wasThere !== false || session.user === undefined || regeneration.previousId !== oldId
  }

  async #load(id: string): Promise<SessionRecord | null> {
    const sessions = await this.#sessions
    const loaded = await sessions.find(id)
    return loaded ? this.#toSession(loaded) : null
  }

  async #revoke(id: string): Promise<boolean> {
    const sessions = await this.#sessions
    return sessions.revoke(id)
  }

  /** Lifetimes decide when a session ends, not its cookie's date, which @fastify/session would obey. */
  #toSession(loaded: LoadedSession): SessionRecord {
    return attachSnapshot({ ...copyOf(loaded), cookie: this.#cookieOf(loaded) }, new Snapshot(loaded))
  }

  #toRecord(session: object): SessionRecord {
    const record = toRecord(session)
    return { ...record, cookie: this.#storedCookie(record.cookie) }
  }

  async #save(id: string, session: Carrier): Promise<void> {
    const last = session[snapshotKey]
    // For example, `session.reload()` leaves an empty session under the id of an ended one.
    if (!last && this.#begun.get(session) !== id) return
    const next = last ? serialize({ session, last, storedCookie: this.#storedCookie }) : undefined
    if (next === undefined) attachSnapshot(session, await this.#create(id, session))
    else if (last && next !== last) attachSnapshot(session, await this.#update(id, last, next))
  }

  async #create(id: string, session: Carrier): Promise<Snapshot> {
    const sessions = await this.#sessions
    const content = contentOf(session)
    const record = await sessions.create(id, { ...this.#toRecord(session), ...stampOf(session) })
    show(session, shownOf(record))
    return new Snapshot({ text: JSON.stringify(record), content })
  }

  /** @returns the stored state: of a session that is gone the last one, so that no cookie is set for it */
  async #update(id: string, last: Snapshot, next: Snapshot): Promise<Snapshot> {
    const sessions = await this.#sessions
    const texts = { before: last.text, after: next.text }
    const after = next.record()
    const updated = await sessions.update(id, { before: last.record(), after, texts })
    if (!updated || updated === after) return updated ? next : last
    // It has another user now.
    return new Snapshot({ text: JSON.stringify(updated), record: updated })
  }

  async #touchNow(
    id: string,
    session: Carrier & Pick<SessionRecord, 'cookie'>,
    before: Readonly<SessionRecord>
  ): Promise<void> {
    const record = { ...before, cookie: toRecord({ cookie: session.cookie }).cookie }
    const sessions = await this.#sessions
    await sessions.update(id, { before, after: record })
    attachSnapshot(session, new Snapshot({ text: JSON.stringify(record), record }))
  }
}

function ageOnly({ record }: LoadedSession): SessionRecord['cookie'] {
  const { originalMaxAge } = record.cookie
  return { originalMaxAge }
}
