import type { FastifyInstance, FastifyReply } from 'fastify'
import { SessionDataError, StorageError } from '../../src/errors/errors.ts'
import { giveUpSession, type sessionSaver } from './save-session.ts'

type Headers = ReturnType<FastifyReply['getHeaders']>

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the session of a request that failed could not be saved either. It is the error to answer. */
    saveError: Error | undefined
    /** The headers before the handler ran. */
    headersBefore: Headers | undefined
    /** Whether the response was complete. */
    isEnding: boolean
  }
}

/**
 * A request that failed saves its session before the error handler answers, so that the answer can be the
 * right one if that fails too. A response that fails when it is complete, because its session cannot be saved
 * or a later hook fails, leaves none of its headers on the error page.
 */
export function addFailedRequests(app: FastifyInstance, save: ReturnType<typeof sessionSaver>): void {
  app.addHook('preHandler', (request, reply, done) => {
    request.headersBefore = copyOf(reply.getHeaders())
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

/** Restores the headers that the response had before the handler ran. */
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
