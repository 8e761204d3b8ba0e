import type { ServerResponse } from 'node:http'
import type expressSession from 'express-session'
import { LatchkeyError, StorageError } from '../errors/errors.ts'
import type { Done, Keeper } from './held-answer.ts'
import type { KnownSession } from './known-session.ts'
import { LatchkeyStore } from './latchkey-store.ts'
import type { Middleware, Request } from './middleware.ts'
import { textOf } from './session-text.ts'
import { StandIn } from './stand-in.ts'

type Next = Parameters<Middleware>[2]

export interface VisitNeeds {
  readonly req: Request
  readonly res: ServerResponse
  readonly next: Next
  readonly documented: Middleware
  readonly store: expressSession.Store
  readonly unset: 'destroy' | 'keep' | undefined
}

/** One request and what express-session does for it, at the moments that the promises leave it. */
export class Visit implements Keeper {
  readonly #needs: VisitNeeds
  readonly #standIn: StandIn
  #known: KnownSession | undefined
  #stage: 'loading' | 'answering' | 'saving' | 'saved' = 'loading'
  #fault: unknown
  #saved: string | undefined

  constructor(needs: VisitNeeds) {
    this.#needs = needs
    this.#standIn = new StandIn(needs.res)
  }

  /** Loads the session and goes on. */
  load(): void {
    this.#enter((error) => this.#hear(error))
  }

  /** Goes on with a session that need not be loaded. */
  begin(known: KnownSession): void {
    this.#known = known
    this.#stage = 'answering'
    known.begin(() => this.#enterLate())
    this.#needs.next()
  }

  hasNothingToSave(): boolean {
    if (!this.#known?.isOnlyRead()) return false
    this.#saved = this.#known.text
    return true
  }

  saveFirst(done: Done): void {
    this.#known?.enter()
    this.#stage = 'saving'
    this.#finish(() => {
      this.#stage = 'saved'
      this.#saved = textOf(this.#needs.req.session)
      done(this.#fault)
    })
  }

  saveLast(done: Done): void {
    const { req, unset } = this.#needs
    const told = (error: unknown) => done(error ? storageError(error) : undefined)
    if (this.#known?.isOnlyRead()) done()
    else if (req.session && textOf(req.session) !== this.#saved) req.session.save(told)
    else if (!req.session && this.#saved && unset === 'destroy') req.sessionStore.destroy(req.sessionID, told)
    else done()
  }

  addHeaders(...writeHead: readonly unknown[]): readonly unknown[] {
    return this.#standIn.writeHead(...writeHead)
  }

  tell(fault: unknown): void {
    this.#needs.next(fault)
  }

  /** express-session takes anything that has what it calls, and StandIn has. */
  #enter(next: Next): void {
    const { documented, req } = this.#needs
    Reflect.apply(documented, undefined, [req, this.#standIn, next])
  }

  /** The application has gone on already. */
  #enterLate(): void {
    let isEntering = true
    this.#enter((error) => {
      if (!isEntering) this.#hear(error)
      else if (error) throw error
    })
    isEntering = false
  }

  /** express-session calls it to go on, and again with whatever fails later. */
  #hear(error?: unknown): void {
    const { req, next } = this.#needs
    if (this.#stage === 'saving') this.#fault = storageError(error)
    else if (this.#stage !== 'loading') next(error)
    else {
      this.#stage = 'answering'
      // Else `unset: 'destroy'` would end the session that could not be loaded.
      if (error) Reflect.deleteProperty(req, 'sessionID')
      next(error)
    }
  }

  /** Where express-session may still have an error to tell, it does so at the next turn of the event loop. */
  #finish(done: () => void): void {
    let isAtOnce = this.#needs.store instanceof LatchkeyStore
    this.#standIn.finish(() => (isAtOnce ? done() : setImmediate(done)))
    isAtOnce = false
  }
}

function storageError(error: unknown): unknown {
  return error instanceof LatchkeyError ? error : new StorageError('The session store', error)
}
