import type { FastifyInstance, FastifyReply, onRequestHookHandler } from 'fastify'
import { SessionDataError, StorageError } from '../../src/errors/errors.ts'
import { hasEarlierRoutes } from './earlier-routes.ts'
import { giveUpSession, type sessionSaver } from './save-session.ts'

type Headers = ReturnType<FastifyReply['getHeaders']>

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the session of a request that failed could not be saved either. It is the error to answer. */
    saveError?: Error
    /** The headers that the response had when the request had arrived. */
    headersBefore?: Headers
    /** Whether the response was complete. */
    isEnding?: boolean
  }
}

/**
 * A request that failed saves its session before the error handler answers, so that the answer can be the
 * right one if that fails too. A response that fails when it is complete, because its session cannot be saved
 * or a later hook fails, leaves none of its headers on the error page.
 */
export function addFailedRequests(app: FastifyInstance, save: ReturnType<typeof sessionSaver>): void {
  // The last hook of this stage: a stage of its own would cost a page a twentieth.
  app.addHook('onRoute', (route) => {
    route.onRequest = [route.onRequest ?? [], noteHeaders].flat()
  })
  if (hasEarlierRoutes(app))
    app.addHook('preHandler', (request, reply, done) => {
      if (!request.headersBefore) noteHeadersOf(reply)
      done()
    })

  app.addHook('onError', async (request, reply, error) => {
    if (request.isEnding) withdraw(reply)
    if (error instanceof StorageError || error instanceof SessionDataError) giveUpSession(request)
    else
      await save(request)?.catch((fault) => {
        request.saveError = fault
      })
  })
}

const noteHeaders: onRequestHookHandler = (_request, reply, done) => {
  noteHeadersOf(reply)
  done()
}

export function noteHeadersOf(reply: FastifyReply): void {
  reply.request.headersBefore = copyOf(reply.getHeaders())
}

/** Restores the headers that the response had when the request had arrived. */
export function withdraw(reply: FastifyReply): void {
  const { raw, request } = reply
  const { headersBefore: before } = request
  if (!before || raw.headersSent) return
  for (const name of Object.keys(reply.getHeaders())) {
    reply.removeHeader(name)
    // A stream had its headers set there.
    raw.removeHeader(name)
  }
  reply.headers(before)
}

/** With a copy of a list: Fastify changes the list in the response. */
function copyOf(headers: Headers): Headers {
  const { 'set-cookie': cookies } = headers
  return Array.isArray(cookies) ? { ...headers, 'set-cookie': [...cookies] } : headers
}
