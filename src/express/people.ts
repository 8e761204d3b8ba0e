import type { Store } from 'express-session'
import {
  type LatchkeyError,
  RecentProofRequiredError,
  SecondFactorRequiredError,
  SignInRequiredError
} from '../errors/errors.ts'
import { withDemand, withReturn } from '../gate/return-link.ts'
import { type Demand, freshProofs, hasSecond, isProved } from '../identity/account-proofs.ts'
import { processClock } from '../primitives/clock.ts'
import { parseDuration } from '../primitives/durations.ts'
import { deviceFields } from '../sessions/device.ts'
import { stamp } from '../sessions/object/stamps.ts'
import { withTrustedFields } from '../sessions/object/trusted-fields.ts'
import { nameOf, type SessionRecord } from '../sessions/session-record.ts'
import { acceptsHtml, firstEntries } from '../web/accepted.ts'
import { addressIn } from '../web/client-network.ts'
import { atRoot } from '../web/public-paths.ts'
import { cookieNameOf } from './cookie-name.ts'
import { mustBeIn } from './groups.ts'
import { responseOf } from './response.ts'
import { otherSessionIds } from './several-cookies.ts'
import { LatchkeyStore } from './store/latchkey-store.ts'
import type { Middleware, Request, Response } from './strict/middleware.ts'
import type types from './types.cjs'

export type RequireUserOptions = types.RequireUserOptions
export type SignInOptions = types.SignInOptions

const known = ['loginUrl', 'confirmUrl', 'within', 'factors', 'group']

/**
 * Requires a signed-in user: `req.session.user` is the name. Otherwise a browser is redirected to sign-in and
 * back; any other client gets 401 through the application's error handler. Who is not in `group` gets 403 through it.
 * @throws {TypeError} for an option that is not known: what it asks for would be asked of nobody
 */
export function requireUser(options: RequireUserOptions = {}): Middleware {
  const { loginUrl, confirmUrl = loginUrl, within, factors, group } = options
  const strange = Object.keys(options).filter((name) => !known.includes(name))
  if (strange.length > 0) throw new TypeError(`requireUser() knows no option ${strange.join(', ')}`)
  if (within !== undefined) parseDuration(within)
  return (req, res, next) => {
    const session = sessionDataOf(req)
    const isSignedIn = nameOf(session) !== undefined
    const demand = { factors: factors === 'all' ? allOf(session) : factors, within }
    if (isSignedIn && isProved(session.accountProofs, demand, processClock())) {
      if (group === undefined) return next()
      return void mustBeIn(req, session, group).then(() => next(), next)
    }
    if (!acceptsHtml(firstEntries(req.headers.accept)))
      return next(isSignedIn ? lacking(session, demand) : new SignInRequiredError())
    if (!isSignedIn) return sendTo(req, res, loginUrl ?? pageOf(req, '/login'))
    sendTo(req, res, confirmUrl ?? pageOf(req, '/confirm'), demand)
  }
}

/** Whoever has a second factor has signed in with it, or has set it up in this session. */
function allOf({ accountProofs }: Partial<SessionRecord>): 1 | 2 {
  return hasSecond(accountProofs ?? {}) ? 2 : 1
}

function lacking({ accountProofs }: Partial<SessionRecord>, { factors = 1, within }: Demand): LatchkeyError {
  const fresh = freshProofs(accountProofs, within, processClock())
  const hasIt = factors === 'phishing-resistant' ? fresh.passkey !== undefined : hasSecond(fresh)
  const asked = { factors, within }
  return factors === 1 || hasIt ? new RecentProofRequiredError(asked) : new SecondFactorRequiredError(asked)
}

/** Another store than Latchkey's knows no fields that an application cannot write. */
function sessionDataOf({ session, sessionStore }: Request): Readonly<Partial<SessionRecord>> {
  const isTrusted = !session || !(sessionStore instanceof LatchkeyStore)
  return isTrusted ? Object(session) : withTrustedFields(Object(session))
}

/** A page of the service that this app is mounted in, or that shares its host. */
function pageOf({ sessionStore: store }: Request, name: string): string {
  return (store instanceof LatchkeyStore ? store.paths : atRoot).ofPage(name)
}

function sendTo(req: Request, res: Response, page: string, demand?: Demand): void {
  const canComeBack = req.method === 'GET' || req.method === 'HEAD'
  // Connect has `originalUrl` too; on Node's own server nothing is mounted.
  const location = withDemand(canComeBack ? withReturn(page, req.originalUrl ?? req.url) : page, demand)
  res.statusCode = 303
  res.setHeader('location', location.replace(/[^!-~]+/g, encodeURIComponent))
  res.appendHeader('vary', 'Accept')
  res.end()
}

/**
 * Signs a user in under a new session id (ASVS 7.2.4), after the app has verified the password or what it has in its
 * place: that, or what `proofs` says, is the proof that `within` and `factors` ask for. The old session ends after
 * the new one is stored. If either fails, the new one ends and the request continues with the old one.
 * @param name the value of `req.session.user`, here and in the service
 */
export async function signIn(
  req: Request,
  name: string,
  { remember = false, proofs = ['password'] }: SignInOptions = {}
): Promise<void> {
  const { session: old, sessionID: oldId, sessionStore: store } = req
  store.generate(req)
  // Without Express there is no `ip`, nor a proxy that it trusts.
  const address = addressIn(req.ip ?? req.socket.remoteAddress)
  const client = { ...(address && { address }), ...deviceFields(req.headers['user-agent']) }
  Object.assign(req.session, { user: name, ...(remember && { remember }), ...client })
  const now = processClock()
  stamp(req.session, { accountProofs: Object.fromEntries(proofs.map((kind) => [kind, now])) })
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
