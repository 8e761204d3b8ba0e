import expressSession from 'express-session'
import type { LoadedSession } from '../sessions/sessions.ts'
import type { Request } from './middleware.ts'
import { textOf } from './session-text.ts'

type Session = Request['session']

/** What it asks of the store: see LatchkeyStore. */
interface OpeningStore {
  withLoaded(loaded: LoadedSession, step: () => void): void
  open(request: Request, loaded: LoadedSession): Session
}

export interface KnownSessionNeeds {
  readonly request: Request
  readonly store: OpeningStore
  readonly id: string
  readonly loaded: LoadedSession
  /** What it holds. */
  readonly text: string
}

/**
 * The session of a request that only reads, unless it turns out to do more. `req.session` is made when it is first
 * touched. Once something changed express-session begins with the request, and finds everything as if it had been
 * there from the start.
 */
export class KnownSession {
  readonly text: string
  readonly #request: Request
  readonly #store: OpeningStore
  readonly #id: string
  readonly #loaded: LoadedSession
  readonly #header: string | undefined
  #enter: (() => void) | undefined
  #isEntering = false
  #isTouched = false
  /** What `req.session` was made as, and its cookie's attributes. */
  #made: Session | undefined
  #cookie: object = {}
  /** What `req.session` is. */
  #current: Session | undefined

  constructor({ request, store, id, loaded, text }: KnownSessionNeeds) {
    this.text = text
    this.#request = request
    this.#store = store
    this.#id = id
    this.#loaded = loaded
    this.#header = request.headers.cookie
  }

  static of(request: object): KnownSession | undefined {
    return Reflect.get(request, key)
  }

  /** Gives it to the request. @param enter has express-session begin with it */
  begin(enter: () => void): void {
    this.#enter = enter
    Object.assign(this.#request, { [key]: this, sessionID: this.#id, sessionStore: this.#store })
    Object.defineProperty(this.#request, 'session', onTouch)
  }

  get current(): Session | undefined {
    if (!this.#isTouched) this.#make()
    return this.#current
  }

  set current(session: Session | undefined) {
    this.#isTouched = true
    this.#current = session
  }

  /** What express-session is to go on with while it begins, instead of making another one. */
  get madeAlready(): Session | undefined {
    return this.#isEntering ? this.#made : undefined
  }

  get isEntered(): boolean {
    return this.#enter === undefined
  }

  /** Whether there is nothing that express-session would do about it. */
  isOnlyRead(): boolean {
    const isLeft = this.#request.sessionID === this.#id && Object.hasOwn(this.#request, 'session')
    return !this.isEntered && isLeft && (!this.#isTouched || this.#isAsMade())
  }

  enter(): void {
    const enter = this.#enter
    if (!enter) return
    this.#enter = undefined
    const { sessionID, headers } = this.#request
    const touched = this.#isTouched && { session: this.#current }
    const isThere = Object.hasOwn(this.#request, 'session')
    Object.assign(this.#request, { session: undefined, headers: { ...headers, cookie: this.#header } })
    this.#isEntering = true
    this.#store.withLoaded(this.#loaded, enter)
    this.#isEntering = false
    Object.assign(this.#request, { sessionID, headers, ...touched })
    if (!isThere) Reflect.deleteProperty(this.#request, 'session')
  }

  #make(): void {
    const session = this.#store.open(this.#request, this.#loaded)
    this.#made = Object.setPrototypeOf(session, entering)
    this.#cookie = { ...session.cookie }
  }

  #isAsMade(): boolean {
    const session = this.#current
    if (!session || session !== this.#made || !isSame(session.cookie, this.#cookie)) return false
    try {
      return textOf(session) === this.text
    } catch {
      // JSON has no form for it, which express-session will say.
      return false
    }
  }
}

function isSame(one: object, other: object): boolean {
  const entries = Object.entries(one)
  return (
    entries.length === Object.keys(other).length &&
    entries.every(([name, value]) => Reflect.get(other, name) === value)
  )
}

const key = Symbol('known session')

interface Holder {
  readonly [key]: KnownSession
}

/** What `req.session` is until somebody takes it away. One for all requests, which keeps them alike and quick. */
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

/** express-session keeps account of what is saved and loaded again: it begins first, and has its own methods then. */
const entering = Object.create(expressSession.Session.prototype, {
  save: enteringFor('save'),
  reload: enteringFor('reload')
})

function enteringFor(method: 'save' | 'reload'): PropertyDescriptor {
  const value = function (this: Session, ...args: unknown[]): unknown {
    const known = KnownSession.of(Reflect.get(this, 'req'))
    const isEntered = known?.isEntered ?? true
    known?.enter()
    return Reflect.apply(isEntered ? expressSession.Session.prototype[method] : this[method], this, args)
  }
  return { value, configurable: true, writable: true }
}
