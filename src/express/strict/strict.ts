import type { Store } from 'express-session'
import { StorageError } from '../../errors/errors.ts'
import { HeldResponse } from './held-response.ts'
import type { Middleware } from './middleware.ts'
import { RequestLifecycle, type StrictOptions } from './request-lifecycle.ts'

/**
 * express-session with Latchkey's promises: a response is sent only after the session is saved, and a store
 * that fails or is down is an error for the application's error handler.
 * @param expressSession its middleware
 */
export function strict(expressSession: Middleware, options: StrictOptions): Middleware {
  const isAway = watchConnection(options.store)
  return (req, res, next) => {
    // As express-session does if it is mounted twice.
    if (req.session) return next()
    if (isAway()) return next(new StorageError('The session store', new Error('It is disconnected.')))
    // A WebSocket has no response: programs call this with {}, as the documentation of `ws` shows.
    if (typeof res.getHeaders !== 'function') return expressSession(req, res, next)
    const lifecycle = new RequestLifecycle({ req, res, next, expressSession, options })
    new HeldResponse(res, lifecycle)
    lifecycle.begin()
  }
}

/** express-session itself continues without a session while its store is disconnected. */
function watchConnection(store: Store): () => boolean {
  let isAway = false
  store.on('disconnect', () => {
    isAway = true
  })
  store.on('connect', () => {
    isAway = false
  })
  return () => isAway
}
