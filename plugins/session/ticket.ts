import { Signer } from '@fastify/cookie'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { StorageError } from '../../src/errors/errors.ts'
import { cookieValue } from '../../src/sessions/cookie/cookie-header.ts'
import { type SentTicket, SentTickets } from '../../src/sessions/cookie/cookie-reader.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { Tickets } from '../../src/sessions/cookie/signer.ts'
import type { LoadedSession } from '../../src/sessions/sessions.ts'

/** What the browser's cookie turned out to be. */
export interface Ticket {
  readonly sent: SentTicket
  /** The session behind it as it is stored; undefined when it is over or never was, or the ticket is forged. */
  readonly session: LoadedSession | undefined
}

declare module 'fastify' {
  interface FastifyInstance {
    tickets: Tickets
  }
  interface FastifyRequest {
    /** null: the browser sent none. */
    ticket: Ticket | null
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
export function addTickets(app: FastifyInstance) {
  const { config, sessions, secrets } = app.latchkey
  const { name } = sessionCookie(config)
  const tickets = new Tickets(new Signer([...secrets]))
  const sentTickets = new SentTickets({
    ...{ name, tickets, sessions },
    valueIn: (header) => cookieValue(header, name)
  })
  app.decorate('tickets', tickets)
  app.decorateRequest('ticket', null)

  function read(request: FastifyRequest, done: (error?: Error) => void): void {
    const sent = sentTickets.in(request.headers.cookie)
    const session = sent && sessions.peek(sent.key)
    if (session) request.ticket = { sent, session }
    if (sent && !session && hasSession(request)) find(request, sent).then(() => done(), done)
    else done()
  }

  /** Asks the store, where the ticket is genuine. */
  async function find(request: FastifyRequest, sent: SentTicket): Promise<void> {
    try {
      request.ticket = { sent, session: sent.id === '' ? undefined : await sessions.find(sent.id) }
    } catch (error) {
      keepFault(request, error)
    }
  }

  return read
}

/** Asked as seldom as can be: Fastify puts together all that is known of a route. */
export function hasSession({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.session !== false
}

/** @throws what it is given, unless the route does without a session */
function keepFault(request: FastifyRequest, error: unknown): void {
  const { config } = request.routeOptions
  if (config.session !== 'if-reachable' || !(error instanceof StorageError)) throw error
  request.sessionFault = error
}
