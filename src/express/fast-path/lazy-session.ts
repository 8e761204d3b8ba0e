import expressSession from 'express-session'
import type { LoadedSession } from '../../sessions/sessions.ts'
import type { LatchkeyStore } from '../store/latchkey-store.ts'
import type { Request } from '../strict/middleware.ts'
import { textOf } from '../strict/session-text.ts'

type Session = Request['session']

export interface LazySessionNeeds {
  readonly request: Request
  readonly store: LatchkeyStore
  readonly id: string
  readonly loaded: LoadedSession
  /** The session's data as `textOf` returns it. */
  readonly text: string
}

/**
 * The session of a request that only reads so far. `req.session` is made on first use. On the first change
 * express-session runs, and finds everything as if it had run from the start.
 */
export class LazySession {
  readonly #needs: LazySessionNeeds
  readonly #header: string | undefined
  #runLate: (() => void) | undefined
  #isTouched = false
  /** The session object as it was made, and its cookie's attributes. */
  #made: Session | undefined
  #cookie: object = {}
  /** The current `req.session`. */
  #current: Session | undefined

  constructor(needs: LazySessionNeeds) {
    this.#needs = needs
    this.#header = needs.request.headers.cookie
  }

  /** Attaches it to the request. @param runLate runs express-session for the request */
  begin(runLate: () => void): void {
    const { request, store, id } = this.#needs
    this.#runLate = runLate
    Object.assign(request, { [key]: this, sessionID: id, sessionStore: store })
    Object.defineProperty(request, 'session', onTouch)
  }

  get current(): Session | undefined {
    if (!this.#isTouched) this.#make()
    return this.#current
  }

  set current(session: Session | undefined) {
    this.#isTouched = true
    this.#current = session
  }

  get isEntered(): boolean {
    return this.#runLate === undefined
  }

  /** Whether express-session would have nothing to do. */
  isOnlyRead(): boolean {
    const { request, id } = this.#needs
    const isLeft = request.sessionID === id && Object.hasOwn(request, 'session')
    return !this.isEntered && isLeft && (!this.#isTouched || this.#isAsMade())
  }

  /** Runs express-session, unless it has run. Earlier changes of the application to the request are kept. */
  enter(): void {
    const runLate = this.#runLate
    if (!runLate) return
    this.#runLate = undefined
    const { request, store, loaded } = this.#needs
    const { sessionID, headers } = request
    const touched = this.#isTouched && { session: this.#current }
    const isThere = Object.hasOwn(request, 'session')
    Object.assign(request, { session: undefined, headers: { ...headers, cookie: this.#header } })
    store.withLoaded(loaded, runLate, this.#made)
    Object.assign(request, { sessionID, headers, ...touched })
    if (!isThere) Reflect.deleteProperty(request, 'session')
  }

  #make(): void {
    const { request, store, loaded } = this.#needs
    const session = makeSession(store, request, loaded)
    this.#made = Object.setPrototypeOf(session, entering)
    this.#cookie = { ...session.cookie }
  }

  #isAsMade(): boolean {
    const session = this.#current
    if (!session || session !== this.#made || !isSame(session.cookie, this.#cookie)) return false
    try {
      return textOf(session) === this.#needs.text
    } catch {
      // JSON cannot represent it; express-session will report that.
      return false
    }
  }
}

/** Makes the session object of a request from the loaded session. */
export function makeSession(store: LatchkeyStore, request: Request, loaded: LoadedSession): Session {
  store.withLoaded(loaded, () =>
    store.get(request.sessionID, (_error, session) => session && store.createSession(request, session))
  )
  return request.session
}

function isSame(one: object, other: object): boolean {
  const entries = Object.entries(one)
  return (
    entries.length === Object.keys(other).length &&
    entries.every(([name, value]) => Reflect.get(other, name) === value)
  )
}

const key = Symbol('lazy session')

interface Holder {
  readonly [key]: LazySession
}

/** The property `req.session` until it is replaced. One descriptor for all requests, which is faster. */
const onTouch: PropertyDescriptor & ThisType<Holder> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[key].current
  },
  set(session) {
    this[key].current = session
  }
}

/** express-session tracks what is saved and reloaded, so it runs first, and then its own methods apply. */
const entering = Object.create(expressSession.Session.prototype, {
  save: enteringFor('save'),
  reload: enteringFor('reload')
})

function enteringFor(method: 'save' | 'reload'): PropertyDescriptor {
  const value = function (this: Session, ...args: unknown[]): unknown {
    const lazy: LazySession | undefined = Reflect.get(Reflect.get(this, 'req'), key)
    const isEntered = lazy?.isEntered ?? true
    lazy?.enter()
    return Reflect.apply(isEntered ? expressSession.Session.prototype[method] : this[method], this, args)
  }
  return { value, configurable: true, writable: true }
}
