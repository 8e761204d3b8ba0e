import cookie, { Signer } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { StorageError } from '../src/errors.ts'
import { sessionCookie, valuePrefix } from '../src/sessions/session-cookie.ts'
import type { LoadedSession } from '../src/sessions/sessions.ts'
import { Tickets } from '../src/sessions/tickets.ts'

/** What the browser's cookie turned out to be. */
export interface Ticket {
  readonly signed: string
  readonly id: string
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
    sessionFault: StorageError | null
  }
  interface FastifyContextConfig {
    /** false: no session, no cookie. `if-reachable`: an empty one, never kept, while the store is away. */
    session?: boolean | 'if-reachable'
  }
}

/** Reads the cookie and loads the session it is a ticket to; most requests need nothing else of a session. */
export default fp(
  async (app) => {
    const { config, sessions, secrets } = app.latchkey
    const { name, attributes } = sessionCookie(config)
    const tickets = new Tickets(new Signer([...secrets]))
    // The app we are in may have it already.
    if (!app.hasReplyDecorator('setCookie')) await app.register(cookie)
    app.decorate('tickets', tickets)
    app.decorateRequest('ticket', null)
    app.decorateRequest('sessionFault', null)
    app.addHook('onRequest', readTicket)
    app.addHook('onSend', mendCookie)

    function readTicket(request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) {
      const sent = cookiesOf(request)[name]
      if (sent === undefined || request.routeOptions.config.session === false) return done()
      const signed = sent.startsWith(valuePrefix) ? sent.slice(valuePrefix.length) : ''
      const { value: id } = tickets.unsign(signed)
      const present = (session?: LoadedSession) => {
        request.ticket = { signed, id: id ?? '', session }
        done()
      }
      const found = id === null ? undefined : sessions.find(id)
      if (!(found instanceof Promise)) return present(found)
      found.then(present, (error) => done(keepFault(request, error)))
    }

    /** A ticket to nothing is taken away; one that an older secret signed is signed anew. */
    function mendCookie(
      { ticket, sessionObject }: FastifyRequest,
      reply: FastifyReply,
      _body: unknown,
      done: () => void
    ) {
      if (ticket && sessionObject === undefined) {
        if (!ticket.session) reply.clearCookie(name, attributes)
        else if (tickets.unsign(ticket.signed).renew) sendAnew(reply, ticket.id, ticket.session)
      }
      done()
    }

    function sendAnew(reply: FastifyReply, id: string, { record }: LoadedSession) {
      const { originalMaxAge } = record.cookie
      const expiry = originalMaxAge ? { expires: new Date(Date.now() + originalMaxAge) } : {}
      reply.setCookie(name, valuePrefix + tickets.sign(id), { ...attributes, ...expiry })
    }
  },
  { name: 'latchkey-session-ticket' }
)

/** Where the app we are in has them read later than this, or not at all, it is done now. */
function cookiesOf({ cookies, headers, server }: FastifyRequest): Record<string, string | undefined> {
  return cookies ?? server.parseCookie(headers.cookie ?? '')
}

function keepFault(request: FastifyRequest, error: Error): Error | undefined {
  const isTolerated = request.routeOptions.config.session === 'if-reachable' && error instanceof StorageError
  if (!isTolerated) return error
  request.sessionFault = error
  return undefined
}
