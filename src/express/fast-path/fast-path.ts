import type { SessionOptions, Store } from 'express-session'
import { LatchkeyStore } from '../store/latchkey-store.ts'
import type { Middleware } from '../strict/middleware.ts'
import { LazySessions } from './lazy-sessions.ts'

export interface FastPathOptions {
  readonly store: Store
  readonly cookieName: string
  readonly options: SessionOptions | undefined
}

/**
 * Skips express-session while a request only reads a cached session; runs it late on the first change. No
 * promise depends on this: without it everything works the same, but slower.
 * @param expressSession its middleware
 * @returns middleware for a response whose `end` is called before anything is sent
 */
export function skipReads(
  expressSession: Middleware,
  { store, cookieName, options }: FastPathOptions
): Middleware {
  const secret = options?.secret
  if (!isLatchkeys(store) || !secret || !canSkip(options)) return expressSession
  const sessions = new LazySessions(store, { name: cookieName, secrets: [secret].flat() })
  return (req, res, next) => {
    const session = sessions.of(req)
    if (!session) return expressSession(req, res, next)
    session.begin(() => runLate(expressSession, [req, res, next]))
    const { end } = res
    const endLazily = () => {
      Object.assign(res, { end })
      if (!session.isOnlyRead()) session.enter()
      res.end()
    }
    Object.assign(res, { end: endLazily })
    next()
  }
}

/** Not a subclass of it. */
function isLatchkeys(store: Store): store is LatchkeyStore {
  return Object.getPrototypeOf(store) === LatchkeyStore.prototype
}

/** Whether express-session has nothing to do for a request that only reads. */
function canSkip({ cookie = {}, resave, rolling }: SessionOptions): boolean {
  return resave === false && !rolling && typeof cookie !== 'function' && (cookie.path || '/') === '/'
}

/** The application runs already, so express-session's first call of `next` is an error, or is ignored. */
function runLate(expressSession: Middleware, [req, res, next]: Parameters<Middleware>): void {
  let isFirst = true
  expressSession(req, res, (error?: unknown) => {
    if (!isFirst) next(error)
    else if (error) throw error
  })
  isFirst = false
}
