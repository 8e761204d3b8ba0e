import type { CipherKey } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import expressSession, { type SessionData, type SessionOptions, type Store } from 'express-session'
import { cookieValues } from '../sessions/cookie/cookie-header.ts'
import { expressSigner } from '../sessions/cookie/express-signer.ts'
import { valuePrefix } from '../sessions/cookie/session-cookie.ts'
import {
  cookieThatCounts,
  maxCookies,
  possibleDomains,
  withOneCookie
} from '../sessions/cookie/several-cookies.ts'
import { isLatchkeyField, nameOf, type SessionRecord } from '../sessions/session-record.ts'
import type { Middleware, Request } from './strict/middleware.ts'

export interface SeveralCookiesOptions {
  readonly cookieName: string
  readonly store: Store
  readonly options: SessionOptions | undefined
}

interface SentCookie {
  readonly value: string
  readonly id: string | undefined
  readonly session:
    | { readonly record: Readonly<Partial<SessionRecord>>; readonly expires: unknown }
    | undefined
}

/** The ids of further sessions that were sent with a request. */
const others = new WeakMap<object, readonly string[]>()

export function otherSessionIds(req: Request): readonly string[] {
  return others.get(req) ?? []
}

/**
 * Browsers send several cookies of one name after `cookie.domain` was changed, and where another host of the
 * domain sets one. Looks at each, and leaves the one that counts in the request.
 * @param session the session middleware, which looks at the first
 */
export function withOneOfSeveral(session: Middleware, needs: SeveralCookiesOptions): Middleware {
  const { cookieName: name, options } = needs
  return (req, res, next) => {
    const header = req.headers.cookie
    // Nearly always: the name is nowhere else. `lastIndexOf` would take three times as long.
    const isOnce = header === undefined || header.indexOf(name, header.indexOf(name) + 1) < 0
    if (isOnce || req.session) return session(req, res, next)
    const values = cookieValues(header, name, maxCookies)
    const secret = options?.secret ?? Reflect.get(req, 'secret')
    if (values.length < 2 || !secret) {
      keepOneCookie(req, name, values[0])
      return session(req, res, next)
    }
    findAll(values, needs.store, [secret].flat()).then(
      (found) => {
        settle(req, res, { ...needs, found })
        session(req, res, next)
      },
      () => session(req, res, next)
    )
  }
}

function findAll(values: string[], store: Store, secrets: CipherKey[]): Promise<SentCookie[]> {
  const signer = expressSigner(secrets)
  return Promise.all(
    values.map(async (value) => {
      const signed = value.startsWith(valuePrefix) ? value.slice(valuePrefix.length) : ''
      const id = signer.unsign(signed).value ?? undefined
      const record = id === undefined ? undefined : await get(store, id)
      return { value, id, session: record && { record: Object(record), expires: record.cookie?.expires } }
    })
  )
}

function get(store: Store, id: string): Promise<SessionData | undefined> {
  return new Promise((resolve, reject) => {
    store.get(id, (error, session) => (error ? reject(error) : resolve(session ?? undefined)))
  })
}

interface Outcome extends SeveralCookiesOptions {
  readonly found: readonly SentCookie[]
}

/**
 * An application may name its users in another way than by `req.session.user`, as passport does. Then sessions of
 * different content may be of different users, and none counts.
 */
function chosenOf(found: readonly SentCookie[]): SentCookie | undefined {
  if (found.some(({ session }) => session && nameOf(session.record) !== undefined))
    return cookieThatCounts(found)
  const filled = found.filter(({ session }) => session && contentOf(session.record) !== '{}')
  const contents = new Set(filled.map(({ session }) => session && contentOf(session.record)))
  return contents.size > 1 ? undefined : (filled[0] ?? cookieThatCounts(found))
}

/** Without what Latchkey writes. */
function contentOf(record: object): string {
  const own = Object.entries(record).filter(([key]) => key === 'user' || !isLatchkeyField(key))
  return JSON.stringify(Object.fromEntries(own))
}

/** Leaves the browser with one cookie of the present options, or with none. */
function settle(req: Request, res: ServerResponse, { found, cookieName: name, options }: Outcome): void {
  const living = found.filter(({ session }) => session)
  const chosen = chosenOf(found)
  keepOneCookie(req, name, chosen?.value)
  others.set(
    req,
    living.flatMap(({ id }) => (id === undefined || id === chosen?.id ? [] : [id]))
  )
  const { cookie = {} } = options ?? {}
  // A WebSocket has no response; with a function it is unknown which cookies there are.
  if (typeof res.appendHeader !== 'function' || typeof cookie === 'function') return
  const { maxAge, expires, domain: ownDomain, ...attributes } = cookie
  const set = (value: string, domain: string | undefined, until: unknown) => {
    const secure = attributes.secure === true || name.startsWith('__')
    const made = Reflect.construct(expressSession.Cookie, [
      { ...attributes, secure, ...(domain && { domain }) }
    ])
    made.expires = until === undefined || until === null ? null : new Date(String(until))
    res.appendHeader('set-cookie', made.serialize(name, value))
  }
  const { 'sec-fetch-mode': mode = 'navigate' } = req.headers
  // What a script requests may run beside a sign-in: see plugins/session/browser-cookie.ts.
  if (living.length > 0 && mode !== 'navigate') return
  for (const domain of possibleDomains(req.headers.host ?? ''))
    if (domain !== ownDomain && !name.startsWith('__Host-')) set('', domain, new Date(0))
  if (chosen) set(chosen.value, ownDomain, chosen.session?.expires)
  else if (living.length > 0) set('', ownDomain, new Date(0))
}

/** One cookie of the name, or none, wherever express-session reads it. */
export function keepOneCookie(req: Request, name: string, value: string | undefined): void {
  if (req.headers.cookie !== undefined) req.headers.cookie = withOneCookie(req.headers.cookie, name, value)
  for (const parsed of [req.cookies, req.signedCookies]) if (parsed) Reflect.deleteProperty(parsed, name)
}
