import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CallbackStore } from '../../src/sessions/object/callback-store.ts'
import type { LatchkeyFields, SessionRecord } from '../../src/sessions/session-record.ts'

declare module 'fastify' {
  interface Session extends Omit<LatchkeyFields, 'cookie'> {}
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
