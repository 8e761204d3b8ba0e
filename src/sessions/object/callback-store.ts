import { LruCache } from '../../primitives/lru-cache.ts'
import { isSameCookie } from '../cookie/session-cookie.ts'
import type { SessionAddress } from '../session-keys.ts'
import { nameOf, type SessionRecord, shownOf, withLabel } from '../session-record.ts'
import { textOf } from '../session-text.ts'
import type { LoadedSession } from '../sessions.ts'
import { ageOnly, type CallbackStoreOptions } from './callback-store-options.ts'
import { type Callback, ignoringResult, settle } from './callbacks.ts'
import { inOrder } from './in-order.ts'
import { type Continuation, type Destroyed, noteOvertaken, Regenerations } from './regenerations.ts'
import { ReplacedSessions } from './replaced-sessions.ts'
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
import { arrivalOf, show, stampOf } from './stamps.ts'

const maxFormerIds = 10_000

/**
 * The callback API of stores for @fastify/session and express-session, over Sessions. Its `set`
 * distinguishes: a session that was loaded is updated and never recreated; one that began in a request is
 * stored as a new session; any other is not stored.
 */
export class CallbackStore {
  readonly #sessions: CallbackStoreOptions['sessions']
  readonly #addressOf: (id: string) => string | SessionAddress
  readonly #cookieOf: (loaded: LoadedSession) => SessionRecord['cookie']
  readonly #storedCookie: (cookie: SessionRecord['cookie']) => SessionRecord['cookie']
  /** New session objects and their ids. */
  readonly #begun = new WeakMap<object, string>()
  readonly regenerations = new Regenerations()
  readonly replaced = new ReplacedSessions()
  readonly #formerIds = new LruCache<string, string>(maxFormerIds)
  #destroyed: Destroyed | undefined
  #loaded: LoadedSession | null | undefined
  /** What a callback of `get` receives, while it runs. */
  #delivered:
    | { readonly id: string; readonly snapshot: Snapshot | undefined; readonly isSuperseded: boolean }
    | undefined

  constructor(options: CallbackStoreOptions) {
    this.#sessions = options.sessions
    this.#addressOf = options.addressOf ?? ((id) => id)
    this.#cookieOf = options.cookieOf ?? ageOnly
    this.#storedCookie = options.storedCookie ?? ((cookie) => cookie)
  }

  /**
   * Notes that a request came with a former id of a session, and was given an empty new one: to destroy that ends the
   * session itself.
   */
  noteFormerId(newId: string, formerId: string): void {
    this.#formerIds.set(newId, formerId)
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
    const deliver = (error: Error | null, session: SessionRecord | null, isSuperseded = false) => {
      this.#delivered = { id, snapshot: (session as Carrier | null)?.[snapshotKey], isSuperseded }
      try {
        done(error, session)
      } finally {
        this.#delivered = undefined
      }
    }
    if (loaded !== undefined) deliver(null, loaded && this.#toSession(loaded))
    else settle(this.#load(id), (error, found) => deliver(error, found?.session ?? null, found?.isSuperseded))
  }

  /** What was asked for, while a callback of `get` runs that receives no session. */
  get missing(): { readonly id: string; readonly isSuperseded: boolean } | undefined {
    return this.#delivered?.snapshot ? undefined : this.#delivered
  }

  /** The snapshot of the session with this id, while a callback of `get` receives it. */
  delivered(id: string): Snapshot | undefined {
    return this.#delivered?.id === id ? this.#delivered.snapshot : undefined
  }

  /** Writes nothing if nothing changed. */
  set(id: string, session: Carrier, done: Callback): void {
    const { regeneration, wasThere } = this.#destroyed ?? {}
    const isRegenerated = id === regeneration?.newId && !isPersisted(session)
    if (isRegenerated && regeneration.before) {
      settle(this.regenerate({ ...regeneration, before: regeneration.before }, session), ignoringResult(done))
      return
    }
    if (isRegenerated) {
      this.begin(session, id)
      this.replaced.follow(session, regeneration, wasThere)
    }
    settle(this.save(id, session), done)
  }

  /**
   * Gives a session another id and empties it: see `Sessions.regenerate`. A session that has ended meanwhile stays so,
   * and nothing is stored.
   * @param session the new session object, with what the application keeps
   * @returns whether it continues
   */
  async regenerate({ newId, previousId, before }: Continuation, session: object): Promise<boolean> {
    const sessions = await this.#sessions
    const content = this.#toRecord(session)
    const loaded = await sessions.regenerate(previousId, newId, { before, content })
    if (!loaded) {
      noteOvertaken(session, before)
      return false
    }
    // The account may have been renamed meanwhile: the application goes on with the name that it knows.
    const record = withLabel(loaded.record, nameOf(before))
    const known = record === loaded.record ? loaded : { text: textOf(record), record }
    attachSnapshot(session, new Snapshot(known))
    show(session, shownOf(record))
    return true
  }

  /** As `set`. */
  save(id: string, session: Carrier): Promise<void> {
    return inOrder(session, () => this.#save(id, session))
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
    const regeneration = this.regenerations.of(id)
    const ended = regeneration ? id : (this.#formerIds.get(id) ?? id)
    // It continues: `set` gives it the new id.
    if (regeneration?.before) this.#tell({ id, wasThere: undefined, regeneration }, done)
    else
      this.revoke(ended, (error, wasThere) => this.#tell({ id, wasThere, regeneration }, () => done(error)))
  }

  /** Ends a session. The callback gets whether it existed. */
  revoke(id: string, done: Callback<boolean>): void {
    const revoking = async () => (await this.#sessions).revoke(id)
    settle(revoking(), done)
  }

  #tell(destroyed: Destroyed, done: Callback): void {
    this.#destroyed = destroyed
    try {
      done(null)
    } finally {
      this.#destroyed = undefined
    }
  }

  async #load(id: string) {
    const { session, isSuperseded } = await (await this.#sessions).lookUp(this.#addressOf(id))
    return { session: session ? this.#toSession(session) : null, isSuperseded }
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
    else if (last && next !== last)
      attachSnapshot(session, await this.#update(id, { last, next, arrivedAt: arrivalOf(session) }))
    await this.replaced.supersede(session, this.#sessions)
  }

  async #create(id: string, session: Carrier): Promise<Snapshot> {
    const sessions = await this.#sessions
    const content = contentOf(session)
    const { cookie, ...data } = this.#toRecord(session)
    const record = { cookie, ...stampOf(session), ...data }
    const { session: begun } = await sessions.begin(id, record, arrivalOf(session))
    show(session, shownOf(begun.record))
    return new Snapshot({ ...begun, content })
  }

  /** @returns the stored state: of a session that is gone the last one, so that no cookie is set for it */
  async #update(id: string, { last, next, arrivedAt }: Change): Promise<Snapshot> {
    const sessions = await this.#sessions
    const texts = { before: last.text, after: next.text }
    const after = next.record()
    const change = { before: last.record(), after, texts, arrivedAt }
    const updated = await sessions.update(this.#addressOf(id), change)
    if (!updated || updated === after) return updated ? next : last
    // It has another user now.
    return new Snapshot({ text: textOf(updated), record: updated })
  }

  async #touchNow(
    id: string,
    session: Carrier & Pick<SessionRecord, 'cookie'>,
    before: Readonly<SessionRecord>
  ): Promise<void> {
    const record = { ...before, cookie: toRecord({ cookie: session.cookie }).cookie }
    await (await this.#sessions).update(this.#addressOf(id), { before, after: record })
    attachSnapshot(session, new Snapshot({ text: textOf(record), record }))
  }
}

type Change = Readonly<{ last: Snapshot; next: Snapshot; arrivedAt: number | undefined }>
