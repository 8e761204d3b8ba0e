import type expressSession from 'express-session'
import { LatchkeyError, StorageError } from '../errors.ts'
import { HeldAnswer } from './held-answer.ts'
import { LatchkeyStore } from './latchkey-store.ts'
import { StandIn } from './stand-in.ts'

export type Middleware = ReturnType<typeof expressSession>
export type Request = Parameters<Middleware>[0]

export interface PromiseOptions {
  readonly store: expressSession.Store
  readonly unset: 'destroy' | 'keep' | undefined
}

/**
 * Puts what Latchkey promises around express-session: an answer leaves only when the session is saved, and a store
 * that fails or is away is an error for the application's error handler.
 */
export function keepPromises(documented: Middleware, { store, unset }: PromiseOptions): Middleware {
  const isAway = watch(store)
  return (req, res, next) => {
    // As express-session does where it comes twice.
    if (req.session) return next()
    if (isAway()) return next(new StorageError('The session store', new Error('It is disconnected.')))
    const standIn = new StandIn(res)
    let stage: 'loading' | 'answering' | 'saving' | 'saved' = 'loading'
    let fault: unknown
    let saved: string | undefined
    new HeldAnswer(res, {
      saveFirst(done) {
        stage = 'saving'
        finish(standIn, store, () => {
          stage = 'saved'
          saved = textOf(req.session)
          done(fault)
        })
      },
      saveLast(done) {
        const told = (error: unknown) => done(error ? storageError(error) : undefined)
        if (req.session && textOf(req.session) !== saved) req.session.save(told)
        else if (!req.session && saved && unset === 'destroy') req.sessionStore.destroy(req.sessionID, told)
        else done()
      },
      addHeaders: (...writeHead) => standIn.writeHead(...writeHead),
      tell: next
    })
    // express-session takes anything that has what it calls, and StandIn has.
    Reflect.apply(documented, undefined, [req, standIn, pass])

    /** express-session calls it to go on, and again with whatever fails later. */
    function pass(error?: unknown): void {
      if (stage === 'saving') fault = storageError(error)
      else if (stage !== 'loading') next(error)
      else {
        stage = 'answering'
        // Else `unset: 'destroy'` would end the session that could not be loaded.
        if (error) Reflect.deleteProperty(req, 'sessionID')
        next(error)
      }
    }
  }
}

/** Where express-session may still have an error to tell, it does so at the next turn of the event loop. */
function finish(standIn: StandIn, store: PromiseOptions['store'], done: () => void): void {
  let isAtOnce = store instanceof LatchkeyStore
  standIn.finish(() => (isAtOnce ? done() : setImmediate(done)))
  isAtOnce = false
}

/** express-session itself goes on without a session where the store said that it lost its connection. */
function watch(store: PromiseOptions['store']): () => boolean {
  let isAway = false
  store.on('disconnect', () => {
    isAway = true
  })
  store.on('connect', () => {
    isAway = false
  })
  return () => isAway
}

function textOf(session: object | undefined): string | undefined {
  return session && JSON.stringify({ ...session, cookie: undefined })
}

function storageError(error: unknown): unknown {
  return error instanceof LatchkeyError ? error : new StorageError('The session store', error)
}
