import type { ServerResponse } from 'node:http'
import fp from 'fastify-plugin'
import { services } from '../../src/open-services.ts'
import { sessionCookie, terseCookie, valuePrefix } from '../../src/sessions/cookie/session-cookie.ts'
import { CallbackStore } from '../../src/sessions/object/callback-store.ts'
import { addCookies } from './cookies.ts'
import { refusalOf } from './cross-site.ts'
import { endOfRequest } from './end-of-request.ts'
import { addFailedRequests, noteHeadersOf } from './failed-request.ts'
import { registerSession } from './fastify-session.ts'
import { decorateSession } from './request-session.ts'
import { sessionSaver } from './save-session.ts'
import { addSentCookie } from './sent-cookie.ts'
import { decorateSessionData } from './session-data.ts'

declare module 'fastify' {
  interface FastifyRequest {
    response: ServerResponse
    /** When it arrived, by `performance.now()`. */
    arrivedAt: number
  }
}

/**
 * `request.session`, stored in Redis or the embedded database. A visitor with an empty session costs nothing.
 * One hook at the start of a request and one at its end, because the call of a hook costs more than what most
 * of them do.
 */
export default fp(
  async (app) => {
    const { config, sessions } = app[services]
    const readCookie = addSentCookie(app)
    const { name, attributes } = sessionCookie(config)
    const addressOf = (id: string) => app.sessionTokens.addressOf(id)
    const store = new CallbackStore({ sessions, storedCookie: terseCookie, addressOf })
    const { decryptSession, serializeCookie } = await registerSession(app, {
      secret: app.sessionTokens,
      store,
      idGenerator: () => store.regenerations.newId(),
      cookieName: name,
      cookiePrefix: valuePrefix,
      cookie: attributes,
      saveUninitialized: false,
      rolling: false
    })
    addCookies(app, serializeCookie)
    decorateSession(app, store, decryptSession)
    decorateSessionData(app)
    // Fastify writes each into every request: what few requests have is in their types alone.
    app.decorateRequest('response')
    app.decorateRequest('arrivedAt', 0)
    app.addHook('onRequest', (request, reply, done) => {
      request.response = reply.raw
      request.arrivedAt = performance.now()
      // No other hook knows that its handler is the next: without those that the app adds later.
      if (request.is404) noteHeadersOf(reply)
      const refusal = refusalOf(request, config)
      if (refusal) done(refusal)
      else readCookie(request, done)
    })
    const save = sessionSaver(store)
    const end = endOfRequest(app, save)
    addFailedRequests(app, save)
    // Fastify turns what fails after a promise into an error of the request; after a late call of `done` it would be one
    // of the process.
    app.addHook('onSend', (request, reply, _body, done) => {
      request.isEnding = true
      const ending = end(request, reply)
      if (!ending) done()
      return ending
    })
  },
  { name: 'latchkey-session' }
)
