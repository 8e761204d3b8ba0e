import expressSession from 'express-session'
import type { Environment } from '../settings/environment.ts'
import { cookieNameOf, noteCookieName } from './cookie-name.ts'
import { keepPromises } from './kept-promises.ts'
import { KnownSessions } from './known-sessions.ts'
import { LatchkeyStore } from './latchkey-store.ts'
import type { Middleware } from './middleware.ts'
import { namesStore, openStore } from './open-store.ts'

/** express-session's own, and what Latchkey adds. */
export interface SessionOptions extends expressSession.SessionOptions {
  /**
   * Settings over the environment's, such as `{ REDIS_URL: 'redis://localhost' }`. Where they are given, or the
   * environment has a REDIS_URL, and no `store` is, Latchkey keeps the sessions; else express-session's MemoryStore.
   */
  readonly settings?: Environment
  /**
   * Answers leave only when the session is saved, and a failing store is an error for the application's error
   * handler: so it is with Latchkey's store. By default everything is as documented with any other.
   */
  readonly strict?: boolean
}

/** The middleware, and where it keeps the sessions. */
export type SessionMiddleware = Middleware & { readonly store: expressSession.Store }

/**
 * Makes the middleware that express-session documents, with its options and behaviour.
 * @throws {TypeError} for options that express-session refuses
 * @throws {ConfigError} when a setting of Latchkey's store is wrong
 */
export function makeSession(options?: SessionOptions): SessionMiddleware {
  const store = options?.store || defaultStore(options)
  noteCookieName(store, options)
  // As it would say by itself: no secret here means that each request brings one.
  const documented = expressSession({ ...options, store } as SessionOptions)
  const { cookie = {}, unset, strict = store instanceof LatchkeyStore } = options ?? {}
  if (store instanceof LatchkeyStore) {
    store.wantedCookie = (request) => (typeof cookie === 'function' ? cookie(request) : cookie)
  }
  const known = knownSessions(store, options)
  const middleware = strict ? keepPromises(documented, { store, unset, known }) : documented
  return Object.assign(middleware, { store })
}

/** Where each request has to be looked at, because of how the cookie or the saving is wanted, there are none. */
function knownSessions(store: expressSession.Store, options?: SessionOptions): KnownSessions | undefined {
  const { secret, cookie = {}, resave, rolling } = options ?? {}
  if (!isLatchkeys(store) || !secret || resave !== false || rolling) return undefined
  if (typeof cookie === 'function' || (cookie.path || '/') !== '/') return undefined
  return new KnownSessions(store, { name: cookieNameOf(store), secrets: [secret].flat() })
}

/** And nobody's who made another one of it. */
function isLatchkeys(store: expressSession.Store): store is LatchkeyStore {
  return Object.getPrototypeOf(store) === LatchkeyStore.prototype
}

function defaultStore(options: SessionOptions | undefined): expressSession.Store {
  const isLatchkeys = options?.settings !== undefined || namesStore()
  return isLatchkeys ? openStore(options?.settings) : new expressSession.MemoryStore()
}
