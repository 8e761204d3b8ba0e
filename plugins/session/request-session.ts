import type { CookieOptions } from '@fastify/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CallbackStore } from '../../src/sessions/object/callback-store.ts'
import { attachSnapshot, isPersisted } from '../../src/sessions/object/snapshot.ts'
import { noteArrival } from '../../src/sessions/object/stamps.ts'
import type { LatchkeyFields } from '../../src/sessions/session-record.ts'
import type { Registered } from './fastify-session.ts'

type Done = (error?: Error) => void

declare module 'fastify' {
  interface Session extends Omit<LatchkeyFields, 'cookie'> {}
  interface FastifyRequest {
    /** The session object if it was used, null if it was destroyed. */
    sessionObject: FastifyRequest['session'] | null | undefined
  }
}

/** `request.session` is made on first use; `request.sessionData` is enough for reading: see session-data.ts. */
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
      // destroy() sets null even if the store failed; then the cookie still belongs to a session.
      if (session === null && isDestroyed(this)) {
        this.openedSession = undefined
        if (this.sentCookie) this.sentCookie = { ...this.sentCookie, session: undefined }
      }
      if (session) prepare(session, this)
      this.sessionObject = session
    }
  })

  /** The loaded session is there already, so this completes synchronously. */
  function makeSession(request: FastifyRequest) {
    const { openedSession: opened } = request
    if (opened) {
      const signed = app.sessionTokens.sign(opened.id)
      store.withLoaded(opened.session, () => decryptSession(signed, request, {}, () => {}))
      return
    }
    const { token, session, isSuperseded } = request.sentCookie ?? {}
    const signed = session && token ? token.signed : ''
    store.withLoaded(session, () => decryptSession(signed, request, {}, () => {}))
    if (!token?.id || session) return
    if (isSuperseded) store.noteFormerId(request.session.sessionId, token.id)
    else store.replaced.note(request.session, token.id)
  }

  /** As documented by @fastify/session. Tells the store which sessions are new. */
  function decryptSession(
    signed: string,
    request: { session?: object; arrivedAt?: number },
    options: CookieOptions | Done,
    done: Done = options as Done
  ): void {
    const cookie = typeof options === 'function' ? {} : options
    documented(signed, request, cookie, (error) => {
      const { session } = request
      if (session) prepare(session, request)
      if (!error && session && !isPersisted(session)) store.begin(session, Reflect.get(session, 'sessionId'))
      done(error)
    })
  }

  /** @fastify/session copies what the store delivers, except the snapshot. The store has to know who regenerates. */
  function prepare(session: object, request: { arrivedAt?: number }): void {
    noteArrival(session, request.arrivedAt)
    const snapshot = store.delivered(Reflect.get(session, 'sessionId'))
    if (snapshot && !isPersisted(session)) attachSnapshot(session, snapshot)
    store.regenerations.watch(session)
  }

  function isDestroyed({ sessionObject: session }: FastifyRequest): boolean {
    return session != null && store.isDestroyed(session.sessionId)
  }
}
