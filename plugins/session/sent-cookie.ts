import { Signer } from '@fastify/cookie'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { StorageError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'
import { cookieValues } from '../../src/sessions/cookie/cookie-header.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { type SessionToken, SessionTokens } from '../../src/sessions/cookie/session-tokens.ts'
import { maxCookies } from '../../src/sessions/cookie/several-cookies.ts'
import type { LoadedSession } from '../../src/sessions/sessions.ts'
import { hasEarlierRoutes } from './earlier-routes.ts'
import { severalCookies } from './several-cookies.ts'

/** The session cookie of a request. */
export interface SentCookie {
  readonly token: SessionToken
  /** The stored session; undefined if it is over, never existed or has another id, or the signature is wrong. */
  readonly session: LoadedSession | undefined
  /** Whether the session has another id: its browser has another cookie, or is about to get it. */
  readonly isSuperseded?: boolean
  /** If there were several cookies of the name: the ids of other sessions that were sent, former ones too. */
  readonly others?: readonly string[]
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What is known of the tokens that browsers send; signs and verifies. */
    sessionTokens: SessionTokens
  }
  interface FastifyRequest {
    /** null: the browser sent none. */
    sentCookie: SentCookie | null
    /** Why there is no session, on a route with `session: 'if-reachable'`. */
    sessionFault?: StorageError
  }
  interface FastifyContextConfig {
    /**
     * false: no session, no cookie. `if-reachable`: an empty session, never stored, while the store is down.
     */
    session?: boolean | 'if-reachable'
  }
}

/** @returns a function that reads the cookie of a request and loads its session */
export function addSentCookie(app: FastifyInstance) {
  const { config, sessions, secrets } = app[services]
  const { name } = sessionCookie(config)
  const tokens = new SessionTokens({
    name,
    signer: new Signer([...secrets]),
    readValues: (header) => cookieValues(header, name, maxCookies),
    addressOf: (id) => sessions.addressOf(id)
  })
  const choose = severalCookies(app)
  const hasEarlier = hasEarlierRoutes(app)
  app.decorate('sessionTokens', tokens)
  app.decorateRequest('sentCookie', null)
  app.addHook('onRoute', (route) => {
    if (route.config?.session === false) route.onRequest = [forgetCookie, route.onRequest ?? []].flat()
  })

  function read(request: FastifyRequest, done: (error?: Error) => void): void {
    const token = tokens.read(request.headers.cookie)
    const session = token?.others.length === 0 ? sessions.peek(token) : undefined
    if (token && session && !(hasEarlier && !hasSession(request))) request.sentCookie = { token, session }
    if (token && !session && hasSession(request)) find(request, token).then(() => done(), done)
    else done()
  }

  /** Reads from the store. */
  async function find(request: FastifyRequest, token: SessionToken): Promise<void> {
    try {
      request.sentCookie =
        token.others.length > 0 ? await choose(request, token) : { token, ...(await sessions.lookUp(token)) }
    } catch (error) {
      holdFault(request, error)
    }
  }

  return read
}

/** A session that is cached was found before anybody asked whether the route wants one. */
const forgetCookie: onRequestHookHandler = (request, _reply, done) => {
  request.sentCookie = null
  done()
}

/** `routeOptions` builds an object on each read; avoid it on the hot path. */
export function hasSession({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.session !== false
}

/** @throws the error, unless the route can do without a session */
function holdFault(request: FastifyRequest, error: unknown): void {
  const { config } = request.routeOptions
  if (config.session !== 'if-reachable' || !(error instanceof StorageError)) throw error
  request.sessionFault = error
}
