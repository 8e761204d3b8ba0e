import type { CookieOptions } from '@fastify/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CallbackStore } from '../../src/sessions/object/callback-store.ts'
import { isPersisted } from '../../src/sessions/object/snapshot.ts'
import type { LatchkeyFields, SessionRecord } from '../../src/sessions/session-record.ts'
import type { Registered } from './fastify-session.ts'

type Done = (error?: Error) => void

declare module 'fastify' {
  interface Session extends Omit<LatchkeyFields, 'cookie'> {}
  interface FastifyRequest {
    /** What the session holds, for reading: it costs less than `session`, which is made when it is asked for. */
    readonly sessionData: Readonly<Partial<SessionRecord>>
    /** The session where it was asked for, null where it was destroyed. */
    sessionObject: FastifyRequest['session'] | null | undefined
  }
}

/** `request.session` is made when somebody asks for it; who only wants to read has `request.remembered`. */
export function decorateSession(
  app: FastifyInstance,
  store: CallbackStore,
  documented: Registered['decryptSession']
): void {
  app.decorate('decryptSession', decryptSession)
  app.decorateRequest('sessionObject', undefined)
  app.decorateRequest('session', {
    getter() {
      if (this.sessionObject === undefined) makeSession(this)
      return this.sessionObject as FastifyRequest['session']
    },
    setter(session: FastifyRequest['session'] | null) {
      // destroy() sets null even when the store could not do it; then the cookie still leads to the session.
      if (session === null && isDestroyed(this)) forgetSession(this)
      this.sessionObject = session
    }
  })
  app.decorateRequest('sessionData', {
    getter() {
      return (this.sessionObject === undefined ? this.sentCookie?.session?.record : this.sessionObject) ?? {}
    }
  })

  /** What it was loaded as is there already, so this is done when it returns. */
  function makeSession(request: FastifyRequest) {
    const { token, session } = request.sentCookie ?? {}
    const signed = session && token ? token.signed : ''
    store.withLoaded(session, () => decryptSession(signed, request, {}, () => {}))
  }

  /** As @fastify/session documents it. The store learns which sessions are new. */
  function decryptSession(
    signed: string,
    request: { session?: object },
    options: CookieOptions | Done,
    done: Done = options as Done
  ): void {
    const cookie = typeof options === 'function' ? {} : options
    documented(signed, request, cookie, (error) => {
      const { session } = request
      if (!error && session && !isPersisted(session)) store.begin(session, Reflect.get(session, 'sessionId'))
      done(error)
    })
  }

  function isDestroyed({ sessionObject: session }: FastifyRequest): boolean {
    return session != null && store.isDestroyed(session.sessionId)
  }
}

/** Whatever cookie the browser has, there is no session behind it any more. */
function forgetSession(request: FastifyRequest): void {
  if (request.sentCookie) request.sentCookie = { ...request.sentCookie, session: undefined }
}
