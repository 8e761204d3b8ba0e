import expressSession, { type CookieOptions, type SessionData } from 'express-session'
import type { PresentAccounts } from '../../accounts/present-accounts.ts'
import { CallbackStore } from '../../sessions/object/callback-store.ts'
import {
  attachSnapshot,
  type Carrier,
  isPersisted,
  type Snapshot,
  snapshotKey,
  toRecord
} from '../../sessions/object/snapshot.ts'
import { arrivalOf, noteArrival } from '../../sessions/object/stamps.ts'
import { newSessionId, renewedSessionId, type SessionAddress } from '../../sessions/session-keys.ts'
import { isOwned, isSameOwner, reservedOf, type SessionRecord } from '../../sessions/session-record.ts'
import type { LoadedSession, Sessions } from '../../sessions/sessions.ts'
import { atRoot, type PublicPaths } from '../../web/public-paths.ts'
import { hardened } from './hardened-cookie.ts'

type Request = Parameters<expressSession.Store['regenerate']>[0]
type Done = (error?: unknown) => void
type Generate = (request: Request) => void

/**
 * Latchkey's sessions as a store for express-session. Unlike its documented stores, it never writes to a
 * session that is gone, and concurrent requests that change different keys of one session all keep their
 * change.
 */
export class LatchkeyStore extends expressSession.Store {
  readonly sessions: Promise<Sessions>
  /** The same, once they are open. */
  opened: Sessions | undefined
  /** The application's cookie options; a stored cookie may be stricter, never weaker. */
  wantedCookie: (request: Request) => CookieOptions = () => ({})
  /** Where a session id leads, which the fast path may know already. */
  addressOf: (id: string) => string | SessionAddress = (id) => id
  /** Accounts as they are now; undefined: this app knows no accounts database. */
  presentAccounts: () => Promise<PresentAccounts | undefined> = async () => undefined
  /** Where the app is that Express is mounted in. */
  paths: PublicPaths = atRoot
  readonly #calls: CallbackStore
  #isResuming = false
  #made: Request['session'] | undefined
  #generate: Generate = () => {}
  /** The id of a session that continues while it is regenerated. */
  #nextId: string | undefined
  /** Empty sessions of requests whose session has another id by now. */
  readonly #ofFormerIds = new WeakSet<object>()
  /** The session of a request that was regenerated after it was gone. */
  readonly #gone = new WeakMap<object, Readonly<SessionRecord>>()

  /** Closes the connection or the file. The store cannot be used afterwards. */
  readonly close: () => Promise<void>

  /** @param sessions may be a promise, while they are being opened */
  constructor(sessions: Sessions | Promise<Sessions>, close = async () => (await sessions).close()) {
    super()
    this.sessions = Promise.resolve(sessions)
    this.sessions.then((opened) => {
      this.opened = opened
    })
    this.close = close
    this.#calls = new CallbackStore({ sessions, cookieOf, addressOf: (id) => this.addressOf(id) })
    this.#followNewIds()
  }

  /**
   * Runs `step` with the session that a request has loaded already: the first `get` returns it.
   * @param loaded null: there is no session
   * @param made the session object made from it, which the first `createSession` returns
   */
  withLoaded(loaded: LoadedSession | null | undefined, step: () => void, made?: Request['session']): void {
    this.#isResuming = true
    this.#made = made
    try {
      this.#calls.withLoaded(loaded, step)
    } finally {
      this.#isResuming = false
      this.#made = undefined
    }
  }

  /** Whether `withLoaded` runs now. */
  get isResuming(): boolean {
    return this.#isResuming
  }

  override get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.#calls.get(id, (error, session) => done(error, session as SessionData | null | undefined))
  }

  /** Makes the id of a new session, and of one that continues while it is regenerated. */
  newId(): string {
    return this.#nextId ?? newSessionId()
  }

  /**
   * Whether a request came with a former id of its session, or regenerated it when it had another one or was over, and has
   * signed nobody in: its session is not stored, nor may its answer set a cookie, which would replace that of the session.
   */
  isNotStored(session: object | null | undefined): boolean {
    // `unset: 'destroy'` knows null.
    if (!session) return false
    return this.#continuesWhatEnded(session) || (this.#ofFormerIds.has(session) && !isOwned(session))
  }

  /** A session that belongs to no request is stored under the id, whatever is there. */
  override set(id: string, session: SessionData, done: Done = () => {}): void {
    if (this.isNotStored(session)) done(null)
    else if (requestOf(session) || isPersisted(session)) this.#calls.set(id, Object(session), done)
    else this.#put(id, session).then(() => done(null), done)
  }

  override touch(id: string, session: SessionData, done: Done = () => {}): void {
    this.#calls.touch(id, session, done)
  }

  override destroy(id: string, done: Done = () => {}): void {
    this.#calls.destroy(id, done)
  }

  /** As `destroy`, of a session whose browser has signed in to another one. */
  supersede(id: string, done: Done): void {
    this.sessions.then((sessions) => sessions.supersede(id)).then(() => done(), done)
  }

  /** A session that somebody owns continues under another id: see `Sessions.regenerate`. */
  override regenerate(request: Request, done: Done): void {
    const { session } = request
    const before = session && (session as Carrier)[snapshotKey]?.record()
    if (before && isOwned(before)) this.#continue(request, before).then(() => done(), done)
    else
      this.#calls.revoke(request.sessionID, (error, wasThere) => {
        const { sessionID: endedId } = request
        this.#generate(request)
        if (wasThere) this.#calls.replaced.note(request.session, endedId)
        done(error)
      })
  }

  async #continue(request: Request, before: Readonly<SessionRecord>): Promise<void> {
    const { sessionID: previousId } = request
    this.#nextId = renewedSessionId(previousId)
    this.#generate(request)
    this.#nextId = undefined
    const { sessionID: newId, session } = request
    let continues = false
    try {
      continues = await this.#calls.regenerate({ newId, previousId, before }, session)
    } finally {
      if (!continues) this.#generate(request)
    }
    if (!continues) this.#gone.set(request, before)
  }

  override createSession(request: Request, stored: SessionData) {
    const made = this.#made
    this.#made = undefined
    if (made) noteArrival(made, arrivalOf(request))
    if (made) return Object.assign(request, { session: made }).session
    const { [snapshotKey]: snapshot, ...data } = stored as SessionData & { [snapshotKey]?: Snapshot }
    const cookie = hardened(stored.cookie, this.wantedCookie(request))
    const session = super.createSession(request, { ...data, cookie })
    noteArrival(session, arrivalOf(request))
    if (snapshot) attachSnapshot(session, snapshot)
    return session
  }

  /**
   * If somebody signed out meanwhile, a session with a new id and the same user must not sign them in again.
   */
  #continuesWhatEnded(session: object): boolean {
    const request = requestOf(session)
    const gone = request && !isPersisted(session) ? this.#gone.get(request) : undefined
    return gone !== undefined && isSameOwner(gone, Object(session))
  }

  async #put(id: string, session: SessionData): Promise<void> {
    const sessions = await this.sessions
    const record = toRecord(session)
    const before = await sessions.load(id)
    if (before) await sessions.update(id, { before, after: { ...record, ...reservedOf(before) } })
    else await sessions.create(id, record)
  }

  /**
   * express-session sets its own `generate` on the store; wrapping it tells the store which sessions are new.
   */
  #followNewIds(): void {
    Object.defineProperty(this, 'generate', {
      get: () => this.#generate,
      set: (generate: Generate) => {
        this.#generate = (request) => {
          const { missing, replaced } = this.#calls
          const sentId = missing?.id ?? replaced.idOf(request.session)
          generate(request)
          noteArrival(request.session, arrivalOf(request))
          this.#calls.begin(request.session, request.sessionID)
          if (!missing?.isSuperseded) return replaced.note(request.session, sentId)
          this.#calls.noteFormerId(request.sessionID, missing.id)
          this.#ofFormerIds.add(request.session)
        }
      }
    })
  }
}

function requestOf(session: object): Request | undefined {
  return Reflect.get(session, 'req')
}

/** The store's expiry decides when the session ends, not the record; it is a little later than the maxAge. */
function cookieOf({ record, expiresAt }: LoadedSession): SessionRecord['cookie'] & { expires?: Date } {
  const { cookie } = record
  const { originalMaxAge } = cookie
  if (typeof originalMaxAge !== 'number') return { ...cookie }
  return { ...cookie, expires: new Date(Math.min(expiresAt, Date.now() + originalMaxAge)) }
}
