import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { sessionCookie, terseCookie, valuePrefix } from '../../src/sessions/cookie/session-cookie.ts'
import { CallbackStore } from '../../src/sessions/object/callback-store.ts'
import { addCookies } from './cookies.ts'
import { refusalOf } from './cross-site.ts'
import { registerSession, requestOf } from './fastify-session.ts'
import { decorateSession } from './request-session.ts'
import { sentCookie } from './sent-cookie.ts'
import { addTickets, hasSession } from './ticket.ts'

type Session = NonNullable<FastifyRequest['sessionObject']>
type Done = (error?: Error) => void

/**
 * `request.session`, kept in Redis or the embedded database. A visitor who stores nothing in it costs nothing.
 * One hook at the beginning of a request and one at its end: Fastify takes longer for a hook than most have to do.
 */
export default fp(
  async (app) => {
    const { config, sessions } = app.latchkey
    const writeCookies = await addCookies(app)
    const tickets = addTickets(app)
    const cookie = sessionCookie(config)
    const { isAtHand, mend } = sentCookie(cookie)
    const store = new CallbackStore({ sessions, requestOf, written: terseCookie })
    const saveSession = await registerSession(app, {
      secret: app.tickets,
      store,
      idGenerator: (request) => store.newId(request ?? {}),
      cookieName: cookie.name,
      cookiePrefix: valuePrefix,
      cookie: { ...cookie.attributes },
      saveUninitialized: false,
      rolling: false
    })
    decorateSession(app, store)
    app.addHook('onRequest', (request, _reply, done) => {
      const refusal = refusalOf(request, config)
      if (refusal) done(refusal)
      else tickets.read(request, done)
    })
    app.addHook('onSend', (request, reply, _body, done) => {
      const { sessionObject: session } = request
      if (session === undefined) tickets.mend(request, reply)
      if (session && hasSession(request)) return save(request, reply, session, done)
      leave(request, reply)
      done()
    })

    function leave({ newDeviceOwner }: FastifyRequest, reply: FastifyReply): void {
      if (newDeviceOwner !== undefined) reply.setDeviceCookie(newDeviceOwner)
      writeCookies(reply)
    }

    function save(request: FastifyRequest, reply: FastifyReply, session: Session, done: Done) {
      const saved = (error?: Error | null) => {
        if (error) return done(error)
        leave(request, reply)
        done()
      }
      if (isAtHand(request)) return store.set(session.sessionId, session, saved)
      saveSession.call(app, request, reply, null, (error?: Error | null) => {
        mend(request, reply)
        saved(error)
      })
    }
  },
  { name: 'latchkey-session' }
)
