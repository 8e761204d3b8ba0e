import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Role } from '../../src/accounts/roles.ts'
import { CallbackStore } from '../../src/sessions/callback-store.ts'
import { sessionCookie, terseCookie, valuePrefix } from '../../src/sessions/session-cookie.ts'
import type { SessionRecord } from '../../src/sessions/session-record.ts'
import { registerSession, requestOf } from './fastify-session.ts'
import { sentCookie } from './sent-cookie.ts'

declare module 'fastify' {
  interface Session {
    /** The name of who is signed in. */
    user?: string
    /** What that person may do here: see Account. Not `role`, which an application may keep for itself. */
    accountRole?: Role
    /** Whether it lives by the remember-me lifetimes. */
    remember?: boolean
    /** When it was kept first, which for a signed-in one is the sign-in: milliseconds since 1970. */
    startedAt?: number
    /** Where the sign-in came from: an IP address. */
    address?: string
    /** The browser that signed in, and its system; its User-Agent where it has no names that people know. */
    device?: readonly [browser: string, system: string | null]
    userAgent?: string
  }
  interface FastifyRequest {
    /** What the session holds, for reading: it costs less than `session`, which is made when it is asked for. */
    readonly remembered: Readonly<Partial<SessionRecord>>
    /** The session where it was asked for, null where it was destroyed. */
    sessionObject: FastifyRequest['session'] | null | undefined
  }
}

/** `request.session`, kept in Redis or the embedded database. A visitor who stores nothing in it costs nothing. */
export default fp(
  async (app) => {
    const { config, sessions } = app.latchkey
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
    app.decorateRequest('sessionObject', undefined)
    app.decorateRequest('session', {
      getter() {
        if (this.sessionObject === undefined) makeSession(this)
        return this.sessionObject as FastifyRequest['session']
      },
      setter(session: FastifyRequest['session'] | null) {
        this.sessionObject = session
      }
    })
    app.decorateRequest('remembered', {
      getter() {
        return (this.sessionObject === undefined ? this.ticket?.session?.record : this.sessionObject) ?? {}
      }
    })
    app.addHook('onSend', (request, reply, body, done) => {
      const { sessionObject: session } = request
      if (!session || request.routeOptions.config.session === false) return done()
      const go = (error?: Error | null) => (error ? done(error) : done())
      if (isAtHand(request)) return store.set(session.sessionId, session, go)
      saveSession.call(app, request, reply, body, (error?: Error | null) => {
        mend(request, reply)
        go(error)
      })
    })

    /** What it was loaded as is there already, so this is done when it returns. */
    function makeSession(request: FastifyRequest) {
      const { signed = '', session } = request.ticket ?? {}
      store.withLoaded(session, () => app.decryptSession(session ? signed : '', request, () => {}))
    }
  },
  { name: 'latchkey-session', dependencies: ['latchkey-session-ticket'] }
)
