import expressSession from 'express-session'
import { noteArrival } from '../sessions/object/stamps.ts'
import { cookieNameOf, noteCookieName } from './cookie-name.ts'
import { skipReads } from './fast-path/fast-path.ts'
import { withoutForeignUpgrades } from './foreign-upgrades.ts'
import { withoutCookieForFormer } from './former-cookies.ts'
import { noteResponse } from './response.ts'
import { withOneOfSeveral } from './several-cookies.ts'
import { LatchkeyStore } from './store/latchkey-store.ts'
import { namesStore, openStore } from './store/open-store.ts'
import type { Middleware } from './strict/middleware.ts'
import { strict } from './strict/strict.ts'
import type types from './types.cjs'

export type SessionOptions = types.SessionOptions
export type SessionMiddleware = types.SessionMiddleware

/**
 * Makes the middleware that express-session documents, with its options and behaviour.
 * @throws {TypeError} for options that express-session refuses
 * @throws {ConfigError} when a setting of Latchkey's store, or an origin in `trustedOrigins`, is wrong
 */
export function makeSession(options?: SessionOptions): SessionMiddleware {
  const store = options?.store || defaultStore(options)
  noteCookieName(store, options)
  // As in express-session: without a secret here, each request has to have one.
  const isLatchkeys = store instanceof LatchkeyStore
  const ids = isLatchkeys && !options?.genid ? { genid: () => store.newId() } : {}
  const documented = expressSession({ ...options, ...ids, store } as SessionOptions)
  if (isLatchkeys) store.wantedCookie = wantedCookie(options)
  const cookieName = cookieNameOf(store)
  const isStrict = options?.strict ?? isLatchkeys
  const asDocumented = isLatchkeys ? withoutCookieForFormer(documented, { cookieName, store }) : documented
  const kept = isStrict ? makeStrict(documented, store, options) : asDocumented
  const { trustedOrigins = [] } = options ?? {}
  const oneOfSeveral = withOneOfSeveral(kept, { cookieName, store, options })
  const middleware = withoutForeignUpgrades(oneOfSeveral, { cookieName, trustedOrigins })
  return Object.assign(arriving(middleware), { store })
}

/** What signs somebody in stamps the session with what was valid when the request arrived. */
function arriving(middleware: Middleware): Middleware {
  return (req, res, next) => {
    noteArrival(req)
    noteResponse(req, res)
    middleware(req, res, next)
  }
}

function makeStrict(
  documented: Middleware,
  store: expressSession.Store,
  options?: SessionOptions
): Middleware {
  const quick = skipReads(documented, { store, cookieName: cookieNameOf(store), options })
  const isLatchkeys = store instanceof LatchkeyStore
  const setsNoCookie = (session: object | undefined) => isLatchkeys && store.isNotStored(session)
  return strict(quick, { store, unset: options?.unset, setsNoCookie, failsSynchronously: !isLatchkeys })
}

function wantedCookie({ cookie = {} }: Partial<SessionOptions> = {}): LatchkeyStore['wantedCookie'] {
  return typeof cookie === 'function' ? cookie : () => cookie
}

function defaultStore(options: SessionOptions | undefined): expressSession.Store {
  const isLatchkeys = options?.settings !== undefined || namesStore()
  return isLatchkeys ? openStore(options?.settings) : new expressSession.MemoryStore()
}
