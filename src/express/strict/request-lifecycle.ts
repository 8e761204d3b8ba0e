import type { ServerResponse } from 'node:http'
import type { Store } from 'express-session'
import { LatchkeyError, StorageError } from '../../errors/errors.ts'
import { isPersisted } from '../../sessions/object/snapshot.ts'
import type { Done, SessionSaver } from './held-response.ts'
import type { Middleware, Next, Request } from './middleware.ts'
import { ResponseStub } from './response-stub.ts'
import { textOf } from './session-text.ts'

export interface StrictOptions {
  readonly store: Store
  readonly unset: 'destroy' | 'keep' | undefined
  /** Whether the answer sets no cookie for this session. */
  readonly setsNoCookie: (session: object | undefined) => boolean
  /** Whether the store may call back with an error before its method returns. */
  readonly failsSynchronously: boolean
}

export interface RequestLifecycleNeeds {
  readonly req: Request
  readonly res: ServerResponse
  readonly next: Next
  readonly expressSession: Middleware
  readonly options: StrictOptions
}

/**
 * Runs express-session for one request: loads the session before the handlers, saves it before the response
 * is sent.
 */
export class RequestLifecycle implements SessionSaver {
  readonly #needs: RequestLifecycleNeeds
  readonly #stub: ResponseStub
  #stage: 'loading' | 'handling' | 'saving' | 'saved' = 'loading'
  #fault: unknown
  /** The saved data of a response that is sent in parts. */
  #saved: string | undefined

  constructor(needs: RequestLifecycleNeeds) {
    this.#needs = needs
    this.#stub = new ResponseStub(needs.res)
  }

  /** Loads the session and continues. */
  begin(): void {
    const { expressSession, req } = this.#needs
    // express-session accepts any object with the methods that it calls.
    Reflect.apply(expressSession, undefined, [req, this.#stub, (error?: unknown) => this.#hear(error)])
  }

  saveBeforeHeaders(done: Done): void {
    this.#stage = 'saving'
    this.#finish(() => {
      this.#stage = 'saved'
      done(this.#fault)
    })
  }

  beginParts(): void {
    this.#saved = textOf(this.#needs.req.session)
  }

  saveBeforeEnd(done: Done): void {
    const { req, options } = this.#needs
    const settle = (error: unknown) => done(error ? storageError(error) : undefined)
    if (req.session && textOf(req.session) !== this.#saved) req.session.save(settle)
    else if (!req.session && this.#saved && options.unset === 'destroy')
      req.sessionStore.destroy(req.sessionID, settle)
    else done()
  }

  addHeaders(...writeHead: readonly unknown[]): readonly unknown[] {
    const { req, options } = this.#needs
    return options.setsNoCookie(req.session) ? writeHead : this.#stub.writeHead(...writeHead)
  }

  addStoredCookie(): void {
    const { session, sessionID, headers } = this.#needs.req
    if (!session || !isPersisted(session) || headers.cookie?.includes(sessionID)) return
    try {
      this.addHeaders(this.#needs.res.statusCode)
    } catch {
      // JSON cannot represent the session, which is reported already.
    }
  }

  fail(fault: unknown): void {
    this.#needs.next(fault)
  }

  /** express-session calls it to continue, and again for each later failure. */
  #hear(error?: unknown): void {
    const { req, next } = this.#needs
    if (this.#stage === 'saving') this.#fault = storageError(error)
    else if (this.#stage !== 'loading') next(error)
    else {
      this.#stage = 'handling'
      // Otherwise `unset: 'destroy'` would end the session that could not be loaded.
      if (error) Reflect.deleteProperty(req, 'sessionID')
      next(error)
    }
  }

  /**
   * express-session reports an error one turn of the event loop after the store, and ends the response at
   * once.
   */
  #finish(done: () => void): void {
    let isAtOnce = !this.#needs.options.failsSynchronously
    this.#stub.finish(() => (isAtOnce ? done() : setImmediate(done)))
    isAtOnce = false
  }
}

function storageError(error: unknown): unknown {
  return error instanceof LatchkeyError ? error : new StorageError('The session store', error)
}
