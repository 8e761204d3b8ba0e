import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Role } from '../../src/accounts/roles.ts'
import type { CallbackStore } from '../../src/sessions/callback-store.ts'
import type { SessionRecord } from '../../src/sessions/session-record.ts'

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

/** `request.session` is made when somebody asks for it; who only wants to read has `request.remembered`. */
export function decorateSession(app: FastifyInstance, store: CallbackStore): void {
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

  /** What it was loaded as is there already, so this is done when it returns. */
  function makeSession(request: FastifyRequest) {
    const { sent, session } = request.ticket ?? {}
    store.withLoaded(session, () => app.decryptSession(session && sent ? sent.signed : '', request, () => {}))
  }
}
