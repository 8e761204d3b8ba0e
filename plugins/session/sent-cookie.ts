import { Signer } from '@fastify/cookie'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { StorageError } from '../../src/errors/errors.ts'
import { cookieValue } from '../../src/sessions/cookie/cookie-header.ts'
import { CookieReader, type SessionToken } from '../../src/sessions/cookie/cookie-reader.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { MemoizedSigner } from '../../src/sessions/cookie/signer.ts'
import type { LoadedSession } from '../../src/sessions/sessions.ts'

/** What the browser's cookie turned out to be. */
export interface SentCookie {
  readonly token: SessionToken
  /** The session behind it as it is stored; undefined when it is over or never was, or the ticket is forged. */
  readonly session: LoadedSession | undefined
}

declare module 'fastify' {
  interface FastifyInstance {
    sessionSigner: MemoizedSigner
  }
  interface FastifyRequest {
    /** null: the browser sent none. */
    sentCookie: SentCookie | null
    /** Why there is no session, where a route says `if-reachable`. */
    sessionFault?: StorageError
  }
  interface FastifyContextConfig {
    /** false: no session, no cookie. `if-reachable`: an empty one, never kept, while the store is away. */
    session?: boolean | 'if-reachable'
  }
}

/**
 * Most requests need nothing of a session but what it holds.
 * @returns what reads the cookie and loads the session that it is a ticket to
 */
export function addSentCookie(app: FastifyInstance) {
  const { config, sessions, secrets } = app.latchkey
  const { name } = sessionCookie(config)
  const signer = new MemoizedSigner(new Signer([...secrets]))
  const reader = new CookieReader({
    ...{ name, signer, sessions },
    readValue: (header) => cookieValue(header, name)
  })
  app.decorate('sessionSigner', signer)
  app.decorateRequest('sentCookie', null)

  function read(request: FastifyRequest, done: (error?: Error) => void): void {
    const token = reader.read(request.headers.cookie)
    const session = token && sessions.peek(token.key)
    if (session) request.sentCookie = { token, session }
    if (token && !session && hasSession(request)) find(request, token).then(() => done(), done)
    else done()
  }

  /** Asks the store, where the ticket is genuine. */
  async function find(request: FastifyRequest, token: SessionToken): Promise<void> {
    try {
      request.sentCookie = { token, session: token.id === '' ? undefined : await sessions.find(token.id) }
    } catch (error) {
      holdFault(request, error)
    }
  }

  return read
}

/** Asked as seldom as can be: Fastify puts together all that is known of a route. */
export function hasSession({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.session !== false
}

/** @throws what it is given, unless the route does without a session */
function holdFault(request: FastifyRequest, error: unknown): void {
  const { config } = request.routeOptions
  if (config.session !== 'if-reachable' || !(error instanceof StorageError)) throw error
  request.sessionFault = error
}
