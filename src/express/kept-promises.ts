import type expressSession from 'express-session'
import { StorageError } from '../errors/errors.ts'
import { HeldAnswer } from './held-answer.ts'
import type { KnownSessions } from './known-sessions.ts'
import type { Middleware } from './middleware.ts'
import { Visit } from './visit.ts'

export interface PromiseOptions {
  readonly store: expressSession.Store
  readonly unset: 'destroy' | 'keep' | undefined
  /** Where some sessions need not be loaded. */
  readonly known?: KnownSessions | undefined
}

/**
 * Puts what Latchkey promises around express-session: an answer leaves only when the session is saved, and a store
 * that fails or is away is an error for the application's error handler.
 */
export function keepPromises(documented: Middleware, { store, unset, known }: PromiseOptions): Middleware {
  const isAway = watch(store)
  return (req, res, next) => {
    // As express-session does where it comes twice.
    if (req.session) return next()
    if (isAway()) return next(new StorageError('The session store', new Error('It is disconnected.')))
    const visit = new Visit({ req, res, next, documented, store, unset })
    new HeldAnswer(res, visit)
    const session = known?.of(req)
    if (session) visit.begin(session)
    else visit.load()
  }
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
