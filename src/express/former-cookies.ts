import type { ServerResponse } from 'node:http'
import { valuePrefix } from '../sessions/cookie/session-cookie.ts'
import type { LatchkeyStore } from './store/latchkey-store.ts'
import type { Middleware, Request } from './strict/middleware.ts'

export interface FormerCookiesOptions {
  readonly cookieName: string
  readonly store: LatchkeyStore
}

/**
 * With `strict: false` express-session answers by itself. Of a request that came with a former cookie and signed nobody in
 * it would send the cookie of a session that is not stored, in place of the one that the browser has by now.
 */
export function withoutCookieForFormer(
  expressSession: Middleware,
  { cookieName, store }: FormerCookiesOptions
): Middleware {
  return (req, res, next) => {
    const { writeHead } = res
    // A WebSocket has none. express-session adds the cookie before this is called, because it wraps it later.
    if (writeHead && !req.session)
      res.writeHead = (...args: unknown[]) => {
        if (store.isNotStored(req.session)) removeCookie(req, res, cookieName)
        return Reflect.apply(writeHead, res, args)
      }
    expressSession(req, res, next)
  }
}

function removeCookie({ sessionID }: Request, res: ServerResponse, cookieName: string): void {
  const own = `${cookieName}=${encodeURIComponent(`${valuePrefix}${sessionID}.`)}`
  const lines = [res.getHeader('set-cookie') ?? []].flat().map(String)
  const others = lines.filter((line) => !line.startsWith(own))
  if (others.length === lines.length) return
  if (others.length > 0) res.setHeader('set-cookie', others)
  else res.removeHeader('set-cookie')
}
