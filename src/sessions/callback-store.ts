import { randomBytes } from 'node:crypto'
import { SessionDataError } from '../errors.ts'
import type { SessionRecord } from './session-record.ts'
import type { LoadedSession, Sessions } from './sessions.ts'

type Callback<T = void> = (error: Error | null, value?: T) => void

/**
 * What a session was when it was loaded or kept. It travels on the session object under `snapshotKey`, because
 * @fastify/session and express-session hand the store only that object, and it is never written down.
 */
class Snapshot {
  readonly text: string

  /** Text, because the application goes on changing the objects in it. */
  constructor(text: string) {
    this.text = text
  }

  record(): SessionRecord {
    return JSON.parse(this.text)
  }

  toJSON(): undefined {
    return undefined
  }
}

const largestBytes = 64 * 1024
const snapshotKey = 'latchkey:snapshot'

interface Carrier {
  user?: unknown
  [snapshotKey]?: Snapshot
}

/** What a request holds as its session just now. */
interface WithSession {
  readonly session?: object | null
}

export interface CallbackStoreOptions {
  readonly sessions: Sessions
  /** The request a session object belongs to. */
  readonly requestOf: (session: object) => WithSession
}

/**
 * The callback API that @fastify/session and express-session expect of a store, over Sessions. Their `set`
 * is told apart here: an object that was loaded is an update and never revives, any other is a new session,
 * which needs an id that was made for its request.
 */
export class CallbackStore {
  readonly #sessions: Sessions
  readonly #requestOf: CallbackStoreOptions['requestOf']
  readonly #newIds = new WeakMap<object, Set<string>>()
  readonly #saving = new WeakMap<object, Promise<void>>()
  #endedInVain: string | undefined
  #loaded: LoadedSession | undefined

  constructor({ sessions, requestOf }: CallbackStoreOptions) {
    this.#sessions = sessions
    this.#requestOf = requestOf
  }

  /** Makes the id of a session that may begin in this request: 192 random bits (ASVS 7.2.3). */
  newId(request: object): string {
    const id = randomBytes(24).toString('base64url')
    const ids = this.#newIds.get(request) ?? new Set()
    this.#newIds.set(request, ids.add(id))
    return id
  }

  /** While `step` runs, `get` answers at once with what the request has loaded already. */
  withLoaded(loaded: LoadedSession | undefined, step: () => void): void {
    this.#loaded = loaded
    step()
    this.#loaded = undefined
  }

  get(id: string, done: Callback<SessionRecord | null>): void {
    if (this.#loaded) done(null, toSession(this.#loaded))
    else settle(this.#load(id), done)
  }

  set(id: string, session: Carrier, done: Callback): void {
    if (this.#continuesWhatEnded(session)) this.#newIds.get(this.#requestOf(session))?.delete(id)
    settle(this.#save(id, session), done)
  }

  destroy(id: string, done: Callback): void {
    settle(this.#sessions.end(id), (error, wasThere) => {
      // Known only while `done` runs, which is when a regenerating session sets the new one.
      this.#endedInVain = wasThere === false ? id : undefined
      done(error)
      this.#endedInVain = undefined
    })
  }

  /**
   * `session.regenerate(['user'])` first destroys the old session and, told so, sets the new one. Where
   * somebody signed out in the meantime this must not sign them in again.
   */
  #continuesWhatEnded(session: Carrier): boolean {
    if (isKept(session) || session.user === undefined) return false
    const { session: before } = this.#requestOf(session)
    return before != null && isKept(before) && Reflect.get(before, 'sessionId') === this.#endedInVain
  }

  async #load(id: string): Promise<SessionRecord | null> {
    const loaded = await this.#sessions.find(id)
    return loaded ? toSession(loaded) : null
  }

  /** One after another for each session object: what the second one is depends on the first. */
  #save(id: string, session: Carrier): Promise<void> {
    const before = this.#saving.get(session) ?? Promise.resolve()
    const saved = before.then(() => this.#saveNow(id, session))
    this.#saving.set(
      session,
      saved.catch(() => {
        // Told to whoever asked for it; the next one tries anew.
      })
    )
    return saved
  }

  async #saveNow(id: string, session: Carrier): Promise<void> {
    const snapshot = session[snapshotKey]
    // `session.reload()` leaves an empty session under the id of one that was ended, for example.
    if (!snapshot && !this.#newIds.get(this.#requestOf(session))?.has(id)) return
    const kept = snapshot
      ? await this.#update(id, session, snapshot)
      : await this.#sessions.create(id, toRecord(session))
    session[snapshotKey] = new Snapshot(JSON.stringify(kept))
  }

  async #update(id: string, session: object, snapshot: Snapshot): Promise<SessionRecord> {
    const before = snapshot.record()
    // A session made by this request does not know its start; the store set it.
    const after = { ...toRecord(session), ...(before.startedAt && { startedAt: before.startedAt }) }
    if (JSON.stringify(after) !== snapshot.text) await this.#sessions.update(id, { before, after })
    return after
  }
}

/** Whether a session object is one that the store had or has. */
export function isKept(session: object): boolean {
  return snapshotKey in session
}

/** The lifetimes decide when it is over, not the date in its cookie, which @fastify/session would obey. */
function toSession({ text }: LoadedSession): SessionRecord {
  const record: SessionRecord = JSON.parse(text)
  const { originalMaxAge } = record.cookie
  return { ...record, cookie: { originalMaxAge }, [snapshotKey]: new Snapshot(text) }
}

/** The session as plain data: what JSON makes of it, of at most 64 KiB. */
export function toRecord(session: object): SessionRecord {
  const text = toJson(session)
  const size = Buffer.byteLength(text)
  if (size > largestBytes) throw new SessionDataError(`it has ${size} bytes and may have ${largestBytes}`)
  return JSON.parse(text)
}

function toJson(session: object): string {
  try {
    return JSON.stringify(session)
  } catch (cause) {
    throw new SessionDataError(`JSON has no form for it (${cause instanceof Error ? cause.message : cause})`)
  }
}

function settle<T>(work: Promise<T>, done: Callback<T>): void {
  work.then(
    (value) => done(null, value),
    (error) => done(error)
  )
}
