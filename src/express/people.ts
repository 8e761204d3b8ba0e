import type { Store } from 'express-session'
import { RecentProofRequiredError, SignInRequiredError } from '../errors/errors.ts'
import { withReturn } from '../gate/return-link.ts'
import { processClock } from '../primitives/clock.ts'
import { parseDuration } from '../primitives/durations.ts'
import { deviceFields } from '../sessions/device.ts'
import { proofAge } from '../sessions/lifetimes.ts'
import { stamp } from '../sessions/object/stamps.ts'
import { withTrustedFields } from '../sessions/object/trusted-fields.ts'
import { nameOf, type SessionRecord } from '../sessions/session-record.ts'
import { acceptsHtml, firstEntries } from '../web/accepted.ts'
import { addressIn } from '../web/client-network.ts'
import { atRoot } from '../web/public-paths.ts'
import { cookieNameOf } from './cookie-name.ts'
import { responseOf } from './response.ts'
import { otherSessionIds } from './several-cookies.ts'
import { LatchkeyStore } from './store/latchkey-store.ts'
import type { Middleware, Request, Response } from './strict/middleware.ts'
import type types from './types.cjs'

export type RequireUserOptions = types.RequireUserOptions
export type SignInOptions = types.SignInOptions

/**
 * Requires a signed-in user: `req.session.user` is the name. Otherwise a browser is redirected to sign-in and
 * back; any other client gets 401 through the application's error handler.
 */
export function requireUser({ loginUrl, within }: RequireUserOptions = {}): Middleware {
  const longest = within === undefined ? Number.POSITIVE_INFINITY : parseDuration(within)
  return (req, res, next) => {
    const session = sessionDataOf(req)
    const { accountProofs } = session
    const isSignedIn = nameOf(session) !== undefined
    if (isSignedIn && proofAge(accountProofs, processClock()) <= longest) next()
    else if (acceptsHtml(firstEntries(req.headers.accept))) sendToSignIn(req, res, loginUrl)
    else next(isSignedIn ? new RecentProofRequiredError() : new SignInRequiredError())
  }
}

/** Another store than Latchkey's knows no fields that an application cannot write. */
function sessionDataOf({ session, sessionStore }: Request): Readonly<Partial<SessionRecord>> {
  const isTrusted = !session || !(sessionStore instanceof LatchkeyStore)
  return isTrusted ? Object(session) : withTrustedFields(Object(session))
}

function sendToSignIn(req: Request, res: Response, loginUrl?: string): void {
  const { sessionStore: store } = req
  const { paths } = store instanceof LatchkeyStore ? store : { paths: atRoot }
  const page = loginUrl ?? paths.ofPage('/login')
  const canComeBack = req.method === 'GET' || req.method === 'HEAD'
  // Connect has `originalUrl` too; on Node's own server nothing is mounted.
  const location = canComeBack ? withReturn(page, req.originalUrl ?? req.url) : page
  res.statusCode = 303
  res.setHeader('location', location.replace(/[^!-~]+/g, encodeURIComponent))
  res.appendHeader('vary', 'Accept')
  res.end()
}

/**
 * Signs a user in under a new session id (ASVS 7.2.4), after the app has verified the password or what it has in
 * its place: that is the proof that `within` asks for. The old session ends after the new one is stored. If
 * either fails, the new one ends and the request continues with the old one.
 * @param name the value of `req.session.user`, here and in the service
 */
export async function signIn(
  req: Request,
  name: string,
  { remember = false }: SignInOptions = {}
): Promise<void> {
  const { session: old, sessionID: oldId, sessionStore: store } = req
  store.generate(req)
  // Without Express there is no `ip`, nor a proxy that it trusts.
  const address = addressIn(req.ip ?? req.socket.remoteAddress)
  const client = { ...(address && { address }), ...deviceFields(req.headers['user-agent']) }
  Object.assign(req.session, { user: name, ...(remember && { remember }), ...client })
  stamp(req.session, { accountProofs: { password: processClock() } })
  if (remember) req.session.cookie.maxAge = await maxAge(store)
  const { sessionID: newId } = req
  try {
    await settled((done) => req.session.save(done))
    if (old) await settled((done) => end(store, oldId, done))
  } catch (error) {
    store.destroy(newId, () => {})
    Object.assign(req, { session: old, sessionID: oldId })
    throw error
  }
}

function end(store: Store, id: string, done: (error?: unknown) => void): void {
  if (store instanceof LatchkeyStore) store.supersede(id, done)
  else store.destroy(id, done)
}

/** Ends the session in the store, and clears the cookie. Does nothing if nobody is signed in. */
export async function signOut(req: Request): Promise<void> {
  const { session, sessionStore: store } = req
  if (!session) return
  const { cookie } = session
  for (const id of otherSessionIds(req)) await settled((done) => store.destroy(id, done))
  await settled((done) => session.destroy(done))
  cookie.expires = new Date(0)
  const cleared = Reflect.get(cookie, 'serialize').call(cookie, cookieNameOf(store), '')
  responseOf(req)?.appendHeader('set-cookie', cleared)
}

/** REMEMBER_LIFETIME; with another store its default. */
async function maxAge(store: Store): Promise<number> {
  if (!(store instanceof LatchkeyStore)) return parseDuration('30d')
  const { lifetimes } = await store.sessions
  return lifetimes.rememberAbsolute
}

function settled(step: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => step((error) => (error ? reject(error) : resolve())))
}
